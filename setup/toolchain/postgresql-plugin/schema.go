package main

import (
	"context"
	"fmt"
	"strings"
)

var schemaType = resourceType{
	properties: map[string]property{
		"name":        {kind: text, required: true},
		"database":    {kind: text, computed: true, replace: true},
		"owner":       {kind: text, computed: true},
		"ifNotExists": {kind: flag, fallback: true},
		"dropCascade": {kind: flag},
	},
	refused:    map[string]string{"policies": "use Grant with objectType \"schema\""},
	id:         func(v values) string { return v.text("database") + "." + v.text("name") },
	operations: schemas{},
}

type schemas struct{}

func (schemas) create(ctx context.Context, s *server, wanted values) error {
	name, owner := wanted.text("name"), wanted.text("owner")
	exists, err := s.schemaExists(ctx, wanted.text("database"), name)
	if err != nil {
		return err
	}
	statement := "CREATE SCHEMA " + quoteName(name)
	switch {
	case exists && !wanted.flag("ifNotExists"):
		return fmt.Errorf("schema %s is there already; import it, or set ifNotExists: true", name)
	case exists && owner == "":
		return nil
	case exists:
		statement = fmt.Sprintf("ALTER SCHEMA %s OWNER TO %s", quoteName(name), quoteName(owner))
	case owner != "":
		statement += " AUTHORIZATION " + quoteName(owner)
	}
	return s.execute(ctx, wanted.text("database"), statement)
}

func (schemas) update(ctx context.Context, s *server, old, wanted values) error {
	name := quoteName(wanted.text("name"))
	statements := []string{}
	if old.text("name") != wanted.text("name") {
		statements = append(statements, fmt.Sprintf("ALTER SCHEMA %s RENAME TO %s", quoteName(old.text("name")), name))
	}
	if owner := wanted.text("owner"); owner != "" && owner != old.text("owner") {
		statements = append(statements, fmt.Sprintf("ALTER SCHEMA %s OWNER TO %s", name, quoteName(owner)))
	}
	return s.transaction(ctx, wanted.text("database"), statements)
}

func (schemas) remove(ctx context.Context, s *server, old values) error {
	if exists, err := s.databaseExists(ctx, old.text("database")); err != nil || !exists {
		return err
	}
	mode := "RESTRICT"
	if old.flag("dropCascade") {
		mode = "CASCADE"
	}
	return s.execute(ctx, old.text("database"), fmt.Sprintf("DROP SCHEMA IF EXISTS %s %s", quoteName(old.text("name")), mode))
}

func (schemas) read(ctx context.Context, s *server, id string, known values) (values, error) {
	database, name := s.within(id, known)
	if exists, err := s.databaseExists(ctx, database); err != nil || !exists {
		return nil, err
	}
	var owner string
	found, err := s.row(ctx, database, "SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = $1",
		[]any{name}, []any{&owner})
	if err != nil || !found {
		return nil, err
	}
	return values{"name": name, "database": database, "owner": owner}, nil
}

// within returns the database and the name of a resource whose ID is "database.name"; an import knows no more than it.
func (s *server) within(id string, known values) (database, name string) {
	database, name = known.text("database"), known.text("name")
	if name == "" {
		if before, after, isQualified := strings.Cut(id, "."); isQualified {
			return before, after
		}
		name = id
	}
	if database == "" {
		database = s.settings.database
	}
	return database, name
}
