package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
)

// newProvider joins the resource types to the engine's protocol.
func newProvider() p.Provider {
	s := &server{}
	return p.Provider{
		GetSchema: func(context.Context, p.GetSchemaRequest) (p.GetSchemaResponse, error) {
			// The engine asks for it only to generate code, which the stand-in does not serve.
			return p.GetSchemaResponse{Schema: `{"name":"postgresql","version":"` + version + `"}`}, nil
		},
		CheckConfig: checkConfiguration,
		DiffConfig:  diffConfiguration,
		Configure:   s.configure,
		Check:       check,
		Diff:        diff,
		Create:      s.createResource,
		Read:        s.readResource,
		Update:      s.updateResource,
		Delete:      s.deleteResource,
		Invoke: func(_ context.Context, req p.InvokeRequest) (p.InvokeResponse, error) {
			return p.InvokeResponse{}, fmt.Errorf("%s is not served by this stand-in for the PostgreSQL plugin", req.Token)
		},
	}
}

func diff(_ context.Context, req p.DiffRequest) (p.DiffResponse, error) {
	kind, err := typeOf(string(req.Urn.Type()))
	if err != nil {
		return p.DiffResponse{}, err
	}
	state, _ := kind.decode(req.State)
	given, _ := kind.decode(req.Inputs)
	changes := map[string]p.PropertyDiff{}
	for name, property := range kind.properties {
		wanted, isGiven := given[name]
		if !isGiven {
			if property.computed {
				continue
			}
			wanted = property.fallbackValue()
		}
		current, isSet := state[name]
		if !isSet {
			current = property.fallbackValue()
		}
		if _, isUnknown := wanted.(unknown); !isUnknown && property.equal(state, current, wanted) {
			continue
		}
		change := p.Update
		switch {
		case !isGiven:
			change = p.Delete
		case !isSet:
			change = p.Add
		}
		if property.replace {
			change += "&replace"
		}
		changes[name] = p.PropertyDiff{Kind: change}
	}
	return p.DiffResponse{
		HasChanges:   len(changes) > 0,
		DetailedDiff: changes,
		// All of these have a name of their own that must be unique, and revoking the old after granting the new
		// would take the new away again.
		DeleteBeforeReplace: true,
	}, nil
}

func (s *server) createResource(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
	kind, err := typeOf(string(req.Urn.Type()))
	if err != nil {
		return p.CreateResponse{}, err
	}
	given, _ := kind.decode(req.Properties)
	secrets := secretNames(req.Properties)
	wanted := kind.complete(given)
	if req.DryRun {
		for name, property := range kind.properties {
			if _, isGiven := wanted[name]; property.computed && !isGiven {
				wanted[name] = unknown{}
			}
		}
		return p.CreateResponse{Properties: kind.encode(wanted, secrets)}, nil
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if err := kind.create(ctx, s, wanted); err != nil {
		return p.CreateResponse{}, kind.redact(err, wanted)
	}
	state, err := s.state(ctx, kind, kind.id(s.located(kind, wanted)), wanted)
	if err != nil {
		return p.CreateResponse{}, kind.redact(err, wanted)
	}
	return p.CreateResponse{ID: kind.id(state), Properties: kind.encode(state, secrets)}, nil
}

func (s *server) readResource(ctx context.Context, req p.ReadRequest) (p.ReadResponse, error) {
	kind, err := typeOf(string(req.Urn.Type()))
	if err != nil {
		return p.ReadResponse{}, err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	known, _ := kind.decode(req.Properties)
	found, err := kind.read(ctx, s, req.ID, kind.complete(known))
	if err != nil {
		return p.ReadResponse{}, kind.redact(err, known)
	}
	if found == nil {
		return p.ReadResponse{}, nil // gone
	}
	state := kind.complete(known).with(found)
	inputs := req.Inputs
	if inputs.Len() == 0 { // an import: what was found is what a program would say
		inputs = kind.encode(state, nil)
	}
	secrets := secretNames(req.Properties)
	return p.ReadResponse{ID: req.ID, Properties: kind.encode(state, secrets), Inputs: inputs}, nil
}

func (s *server) updateResource(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
	kind, err := typeOf(string(req.Urn.Type()))
	if err != nil {
		return p.UpdateResponse{}, err
	}
	old, _ := kind.decode(req.State)
	given, _ := kind.decode(req.Inputs)
	secrets := secretNames(req.Inputs)
	old = kind.complete(old)
	wanted := kind.complete(given)
	for name, property := range kind.properties { // what is left to the server stays as it is
		if _, isGiven := wanted[name]; property.computed && !isGiven {
			if value, isSet := old[name]; isSet {
				wanted[name] = value
			}
		}
	}
	if req.DryRun {
		return p.UpdateResponse{Properties: kind.encode(wanted, secrets)}, nil
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if err := kind.update(ctx, s, old, wanted); err != nil {
		return p.UpdateResponse{}, kind.redact(err, old, wanted)
	}
	state, err := s.state(ctx, kind, req.ID, wanted)
	if err != nil {
		return p.UpdateResponse{}, kind.redact(err, old, wanted)
	}
	return p.UpdateResponse{Properties: kind.encode(state, secrets)}, nil
}

func (s *server) deleteResource(ctx context.Context, req p.DeleteRequest) error {
	kind, err := typeOf(string(req.Urn.Type()))
	if err != nil {
		return err
	}
	old, _ := kind.decode(req.Properties)
	s.lock.Lock()
	defer s.lock.Unlock()
	return kind.redact(kind.remove(ctx, s, kind.complete(old)), old)
}

// state reads a resource that was just written.
func (s *server) state(ctx context.Context, kind resourceType, id string, wanted values) (values, error) {
	found, err := kind.read(ctx, s, id, wanted)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, fmt.Errorf("%s is not there right after it was written", id)
	}
	return wanted.with(found), nil
}

// located fills in the database where the resource leaves it to the provider.
func (s *server) located(kind resourceType, v values) values {
	if database := kind.properties["database"]; database.computed && v.text("database") == "" {
		return v.with(values{"database": s.settings.database})
	}
	return v
}

// redact takes the values of secret properties out of an error: a server quotes what it does not understand.
func (t resourceType) redact(err error, sources ...values) error {
	if err == nil {
		return nil
	}
	message := err.Error()
	for _, source := range sources {
		for name, property := range t.properties {
			if secret := source.text(name); property.secret && secret != "" {
				message = strings.ReplaceAll(message, secret, "[secret]")
				message = strings.ReplaceAll(message, quoteLiteral(secret), "[secret]")
			}
		}
	}
	return errors.New(message)
}
