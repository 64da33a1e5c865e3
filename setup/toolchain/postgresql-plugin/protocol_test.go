package main

import (
	"context"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumi "github.com/pulumi/pulumi/sdk/v3/go/property"
)

func urnOf(token string) resource.URN {
	return resource.URN("urn:pulumi:stack::project::" + token + "::name")
}

const grantToken, roleToken = "postgresql:index/grant:Grant", "postgresql:index/role:Role"

func TestCheckRefusesWhatIsNotServed(t *testing.T) {
	_, err := check(context.Background(), p.CheckRequest{Urn: urnOf("postgresql:index/function:Function")})
	if err == nil || !strings.Contains(err.Error(), "it serves Database, DefaultPrivileges, Extension, Grant") {
		t.Errorf("an unknown type gives %v", err)
	}
	for _, wrong := range []struct {
		token  string
		inputs map[string]pulumi.Value
		reason string
	}{
		{roleToken, map[string]pulumi.Value{"name": pulumi.New("a"), "passwordWo": pulumi.New("x")},
			"passwordWo is not served by this stand-in for the PostgreSQL plugin; give password: it is encrypted in the state"},
		{roleToken, map[string]pulumi.Value{}, "name is required"},
		{roleToken, map[string]pulumi.Value{"name": pulumi.New("a"), "login": pulumi.New("yes")}, "login must be true or false"},
		{roleToken, map[string]pulumi.Value{"name": pulumi.New("a"), "connectionLimit": pulumi.New(-2.0)},
			"connectionLimit is -2; it must be at least -1"},
		{grantToken, map[string]pulumi.Value{"role": pulumi.New("a"), "database": pulumi.New("d"),
			"objectType": pulumi.New("table"), "privileges": pulumi.New(pulumi.NewArray(nil))},
			`schema is required unless objectType is "database"`},
		{grantToken, map[string]pulumi.Value{"role": pulumi.New("a"), "database": pulumi.New("d"),
			"objectType": pulumi.New("database"),
			"privileges": pulumi.New(pulumi.NewArray([]pulumi.Value{pulumi.New("SELECT")}))},
			`privileges holds "SELECT"; on a database there are CREATE, CONNECT, TEMPORARY, and ALL`},
	} {
		response, err := check(context.Background(), p.CheckRequest{Urn: urnOf(wrong.token), Inputs: pulumi.NewMap(wrong.inputs)})
		if err != nil || len(response.Failures) != 1 || response.Failures[0].Reason != wrong.reason {
			t.Errorf("got %v, %v, want %q", response.Failures, err, wrong.reason)
		}
	}
}

func TestCheckAcceptsUnknownValues(t *testing.T) {
	inputs := map[string]pulumi.Value{}
	for _, name := range []string{"role", "database", "schema", "objectType", "privileges"} {
		inputs[name] = pulumi.New(pulumi.Computed)
	}
	response, err := check(context.Background(), p.CheckRequest{Urn: urnOf(grantToken), Inputs: pulumi.NewMap(inputs)})
	if err != nil || len(response.Failures) > 0 {
		t.Errorf("got %v, %v", response.Failures, err)
	}
}

func TestDiff(t *testing.T) {
	kind := roleType
	state := kind.encode(kind.complete(values{"name": "a", "roles": []string{"x", "y"}, "connectionLimit": 5}), nil)
	for name, test := range map[string]struct {
		inputs values
		want   map[string]p.DiffKind
	}{
		"nothing changed, another order": {values{"name": "a", "roles": []string{"y", "x"}, "connectionLimit": 5}, nil},
		"a default comes back":           {values{"name": "a", "roles": []string{"x", "y"}}, map[string]p.DiffKind{"connectionLimit": p.Delete}},
		"renamed in place": {values{"name": "b", "roles": []string{"x", "y"}, "connectionLimit": 5},
			map[string]p.DiffKind{"name": p.Update}},
		"unknown counts as changed": {values{"name": "a", "roles": unknown{}, "connectionLimit": 5},
			map[string]p.DiffKind{"roles": p.Update}},
	} {
		response, err := diff(context.Background(), p.DiffRequest{Urn: urnOf(roleToken), State: state, Inputs: kind.encode(test.inputs, nil)})
		if err != nil || len(response.DetailedDiff) != len(test.want) || response.HasChanges != (len(test.want) > 0) {
			t.Errorf("%s: got %v, %v", name, response.DetailedDiff, err)
		}
		for property, kind := range test.want {
			if response.DetailedDiff[property].Kind != kind {
				t.Errorf("%s: %s is %q", name, property, response.DetailedDiff[property].Kind)
			}
		}
	}
}

func TestAPreviewNeedsNoServer(t *testing.T) {
	s := &server{settings: settings{host: "server.invalid", port: 1, sslmode: "disable"}}
	inputs := map[string]pulumi.Value{"name": pulumi.New("a"), "password": pulumi.New("p")}
	response, err := s.createResource(context.Background(),
		p.CreateRequest{Urn: urnOf(roleToken), Properties: pulumi.NewMap(inputs), DryRun: true})
	if err != nil || !response.Properties.Get("password").Secret() {
		t.Errorf("got %v, %v; the password must be a secret", response.Properties, err)
	}
}

func TestANewHostReplacesNothing(t *testing.T) {
	before, after := map[string]pulumi.Value{"host": pulumi.New("a")}, map[string]pulumi.Value{"host": pulumi.New("b")}
	response, err := diffConfiguration(context.Background(),
		p.DiffRequest{State: pulumi.NewMap(before), Inputs: pulumi.NewMap(after)})
	if err != nil || response.DetailedDiff["host"].Kind != p.Update {
		t.Errorf("got %v, %v", response, err)
	}
}
