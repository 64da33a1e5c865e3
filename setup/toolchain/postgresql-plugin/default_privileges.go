package main

import (
	"context"
	"fmt"
	"strings"
)

var defaultPrivilegesType = resourceType{
	properties: map[string]property{
		"role":     {kind: text, required: true, replace: true},
		"database": {kind: text, required: true, replace: true},
		"owner":    {kind: text, required: true, replace: true},
		"schema":   {kind: text, replace: true},
		"objectType": {kind: text, required: true, replace: true,
			allowed: []string{"table", "sequence", "function", "routine", "type", "schema"}},
		"privileges":      {kind: set, required: true, same: samePrivileges},
		"withGrantOption": {kind: flag, replace: true},
	},
	check: func(given values) []fault {
		faults := checkPrivileges(given)
		if given.text("objectType") == "schema" && given.text("schema") != "" {
			faults = append(faults, fault{"schema", "must not be given when objectType is \"schema\""})
		}
		return faults
	},
	id: func(v values) string {
		schema := v.text("schema")
		if schema == "" {
			schema = "noschema"
		}
		return strings.Join([]string{v.text("role"), v.text("database"), schema, v.text("owner"), v.text("objectType")}, "_")
	},
	operations: defaultPrivileges{},
}

type defaultPrivileges struct{}

func defaultPrivilegeStatements(wanted values) []string {
	prefix := fmt.Sprintf("ALTER DEFAULT PRIVILEGES FOR ROLE %s ", quoteName(wanted.text("owner")))
	if schema := wanted.text("schema"); schema != "" {
		prefix += fmt.Sprintf("IN SCHEMA %s ", quoteName(schema))
	}
	return grantAndRevoke(prefix, strings.ToUpper(wanted.text("objectType"))+"S", wanted)
}

func (defaultPrivileges) create(ctx context.Context, s *server, wanted values) error {
	return s.transaction(ctx, wanted.text("database"), defaultPrivilegeStatements(wanted))
}

func (d defaultPrivileges) update(ctx context.Context, s *server, _, wanted values) error {
	return d.create(ctx, s, wanted)
}

func (defaultPrivileges) remove(ctx context.Context, s *server, old values) error {
	if there, err := s.ownersPlaceExists(ctx, old); err != nil || !there {
		return err
	}
	return s.transaction(ctx, old.text("database"),
		defaultPrivilegeStatements(old.with(values{"privileges": []string{}})))
}

func (defaultPrivileges) read(ctx context.Context, s *server, id string, known values) (values, error) {
	if known.text("role") == "" {
		return nil, fmt.Errorf("%s cannot be imported: its ID does not say which part is which name", id)
	}
	if there, err := s.ownersPlaceExists(ctx, known); err != nil || !there {
		return nil, err
	}
	objectType := known.text("objectType")
	letter := map[string]string{
		"table": "r", "sequence": "S", "function": "f", "routine": "f", "type": "T", "schema": "n",
	}[objectType]
	// Without an entry, the built-in privileges hold; an entry for a schema only adds to those.
	builtIn := "'{}'::aclitem[]"
	if known.text("schema") == "" {
		builtIn = "acldefault((CASE $3 WHEN 'S' THEN 's' ELSE $3 END)::\"char\", o.oid)"
	}
	var found []string
	_, err := s.row(ctx, known.text("database"), `
		SELECT ARRAY(
			SELECT privilege_type FROM aclexplode(coalesce((
				SELECT defaclacl FROM pg_default_acl
				WHERE defaclrole = o.oid AND defaclobjtype::text = $3
					AND defaclnamespace = coalesce((SELECT oid FROM pg_namespace WHERE nspname = $4), 0)
			), `+builtIn+`)) WHERE grantee = `+grantee+`)
		FROM pg_roles o WHERE rolname = $2`,
		[]any{known.text("role"), known.text("owner"), letter, known.text("schema")}, []any{&found})
	if err != nil {
		return nil, err
	}
	return values{"privileges": asWritten(objectType, known.list("privileges"), found)}, nil
}

func (s *server) ownersPlaceExists(ctx context.Context, v values) (bool, error) {
	if exists, err := s.roleExists(ctx, v.text("owner")); err != nil || !exists {
		return false, err
	}
	return s.placeExists(ctx, v)
}
