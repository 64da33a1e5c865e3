package main

import (
	"context"
	"fmt"
	"strings"
)

var grantType = resourceType{
	properties: map[string]property{
		"role":     {kind: text, required: true, replace: true},
		"database": {kind: text, required: true, replace: true},
		"schema":   {kind: text, replace: true},
		"objectType": {kind: text, required: true, replace: true,
			allowed: []string{"database", "schema", "table", "sequence", "function", "procedure", "routine"}},
		"objects":         {kind: set, replace: true},
		"privileges":      {kind: set, required: true, same: samePrivileges},
		"withGrantOption": {kind: flag, replace: true},
	},
	refused: map[string]string{"columns": "grant on whole tables, or in SQL"},
	check: func(given values) []fault {
		faults := checkPrivileges(given)
		_, isLater := given["schema"].(unknown)
		if given.text("objectType") != "database" && given.text("schema") == "" && !isLater {
			faults = append(faults, fault{"schema", "is required unless objectType is \"database\""})
		}
		if len(given.list("objects")) > 0 && !namesObjects(given.text("objectType")) {
			faults = append(faults, fault{"objects", "is served for tables and sequences only"})
		}
		return faults
	},
	id: func(v values) string {
		parts := []string{v.text("role"), v.text("database")}
		if v.text("objectType") != "database" {
			parts = append(parts, v.text("schema"))
		}
		parts = append(parts, v.text("objectType"))
		return strings.Join(append(parts, sorted(v.list("objects"))...), "_")
	},
	operations: grants{},
}

func namesObjects(objectType string) bool { return objectType == "table" || objectType == "sequence" }

type grants struct{}

// target is what a GRANT goes to, as it stands after ON.
func target(v values) string {
	objectType, schema := v.text("objectType"), quoteName(v.text("schema"))
	switch objects := v.list("objects"); {
	case objectType == "database":
		return "DATABASE " + quoteName(v.text("database"))
	case objectType == "schema":
		return "SCHEMA " + schema
	case len(objects) == 0:
		return fmt.Sprintf("ALL %sS IN SCHEMA %s", strings.ToUpper(objectType), schema)
	default:
		names := []string{}
		for _, object := range objects {
			names = append(names, schema+"."+quoteName(object))
		}
		return strings.ToUpper(objectType) + " " + strings.Join(names, ", ")
	}
}

func (grants) create(ctx context.Context, s *server, wanted values) error {
	return s.transaction(ctx, wanted.text("database"), grantAndRevoke("", target(wanted), wanted))
}

func (g grants) update(ctx context.Context, s *server, _, wanted values) error {
	return g.create(ctx, s, wanted)
}

func (grants) remove(ctx context.Context, s *server, old values) error {
	if there, err := s.placeExists(ctx, old); err != nil || !there {
		return err
	}
	return s.transaction(ctx, old.text("database"), grantAndRevoke("", target(old), old.with(values{"privileges": []string{}})))
}

func (grants) read(ctx context.Context, s *server, id string, known values) (values, error) {
	if known.text("role") == "" {
		return nil, fmt.Errorf("%s cannot be imported: its ID does not say which part is which name", id)
	}
	if there, err := s.placeExists(ctx, known); err != nil || !there {
		return nil, err
	}
	connection, err := s.connection(ctx, known.text("database"))
	if err != nil {
		return nil, err
	}
	query, arguments := grantQuery(known)
	rows, err := connection.Query(ctx, query, append([]any{known.text("role")}, arguments...)...)
	if err != nil {
		return nil, reason(err)
	}
	defer rows.Close()
	objectType, expected := known.text("objectType"), known.list("privileges")
	objects, privileges := 0, expected
	for rows.Next() {
		var found []string
		if err := rows.Scan(&found); err != nil {
			return nil, reason(err)
		}
		objects++
		// One object that differs is enough: the next update grants on all of them again.
		if found = asWritten(objectType, expected, found); !samePrivileges(known, found, privileges) {
			privileges = found
		}
	}
	if named := len(known.list("objects")); objects < named {
		privileges = []string{} // one of them is gone
	}
	return values{"privileges": privileges}, reason(rows.Err())
}

// grantQuery reads the role's privileges on each object that a GRANT goes to.
func grantQuery(v values) (query string, arguments []any) {
	const privileges = `
		SELECT ARRAY(SELECT privilege_type FROM aclexplode(coalesce(%s, acldefault(%s, %s))) WHERE grantee = ` + grantee + `)
		FROM %s WHERE %s`
	switch objectType := v.text("objectType"); objectType {
	case "database":
		return fmt.Sprintf(privileges, "datacl", "'d'", "datdba", "pg_database", "datname = $2"), []any{v.text("database")}
	case "schema":
		return fmt.Sprintf(privileges, "nspacl", "'n'", "nspowner", "pg_namespace", "nspname = $2"), []any{v.text("schema")}
	case "table", "sequence":
		kinds, aclKind := []string{"r", "p", "v", "m", "f"}, "'r'"
		if objectType == "sequence" {
			kinds, aclKind = []string{"S"}, "'s'"
		}
		return fmt.Sprintf(privileges, "relacl", aclKind, "relowner", "pg_class", `
			relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $2) AND relkind::text = ANY($3)
			AND (cardinality($4::text[]) = 0 OR relname = ANY($4))`),
			[]any{v.text("schema"), kinds, append([]string{}, v.list("objects")...)}
	default:
		kinds := map[string][]string{
			"function": {"f", "a", "w"}, "procedure": {"p"}, "routine": {"f", "a", "w", "p"},
		}[objectType]
		return fmt.Sprintf(privileges, "proacl", "'f'", "proowner", "pg_proc", `
			pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = $2) AND prokind::text = ANY($3)`),
			[]any{v.text("schema"), kinds}
	}
}

// placeExists tells whether the role, the database and the schema of a grant are there: with one of them, it is gone.
func (s *server) placeExists(ctx context.Context, v values) (bool, error) {
	if exists, err := s.roleExists(ctx, v.text("role")); err != nil || !exists {
		return false, err
	}
	if exists, err := s.databaseExists(ctx, v.text("database")); err != nil || !exists {
		return false, err
	}
	if schema := v.text("schema"); schema != "" {
		return s.schemaExists(ctx, v.text("database"), schema)
	}
	return true, nil
}
