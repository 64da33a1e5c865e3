package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
)

// check refuses what the stand-in does not serve, rather than ignoring it, and finds faults before anything is done.
func check(_ context.Context, req p.CheckRequest) (p.CheckResponse, error) {
	kind, err := typeOf(string(req.Urn.Type()))
	if err != nil {
		return p.CheckResponse{}, err
	}
	given, faults := kind.decode(req.Inputs)
	for name := range req.Inputs.All {
		if name == "version" || strings.HasPrefix(name, "__") {
			continue // the engine's own
		}
		if _, served := kind.properties[name]; !served {
			faults = append(faults, fault{name, notServed(name, kind.refused[name])})
		}
	}
	for name, property := range kind.properties {
		value, isGiven := given[name]
		if _, isUnknown := value.(unknown); isUnknown {
			continue // nothing can be said about it yet
		}
		if isGiven {
			faults = append(faults, property.check(name, value)...)
		} else if property.required && !hasFault(faults, name) {
			faults = append(faults, fault{name, "is required"})
		}
	}
	if kind.check != nil && len(faults) == 0 {
		faults = append(faults, kind.check(given)...)
	}
	slices.SortFunc(faults, func(a, b fault) int { return strings.Compare(a.property, b.property) })
	failures := []p.CheckFailure{}
	for _, f := range faults {
		failures = append(failures, p.CheckFailure{Property: f.property, Reason: f.property + " " + f.reason})
	}
	return p.CheckResponse{Inputs: req.Inputs, Failures: failures}, nil
}

func typeOf(token string) (resourceType, error) {
	if kind, served := resourceTypes[token]; served {
		return kind, nil
	}
	names := []string{}
	for served := range resourceTypes {
		names = append(names, served[strings.LastIndex(served, ":")+1:])
	}
	return resourceType{}, fmt.Errorf("%s is not served by this stand-in for the PostgreSQL plugin; it serves %s. "+
		"Use the official plugin, or add the type to toolchain/postgresql-plugin", token, strings.Join(sorted(names), ", "))
}

func notServed(name, instead string) string {
	reason := "is not served by this stand-in for the PostgreSQL plugin"
	if instead != "" {
		return reason + "; " + instead
	}
	return reason
}

func hasFault(faults []fault, name string) bool {
	return slices.ContainsFunc(faults, func(f fault) bool { return f.property == name })
}

func (p property) check(name string, value any) []fault {
	switch value := value.(type) {
	case string:
		if p.required && value == "" {
			return []fault{{name, "must not be empty"}}
		}
		if p.allowed != nil && !slices.Contains(p.allowed, value) {
			return []fault{{name, fmt.Sprintf("is %q; it must be one of %s", value, strings.Join(p.allowed, ", "))}}
		}
	case int:
		if p.minimum != nil && value < *p.minimum {
			return []fault{{name, fmt.Sprintf("is %d; it must be at least %d", value, *p.minimum)}}
		}
	}
	return nil
}
