package main

import (
	"context"
	"fmt"
)

var extensionType = resourceType{
	properties: map[string]property{
		"name":          {kind: text, required: true, replace: true},
		"database":      {kind: text, computed: true, replace: true},
		"schema":        {kind: text, computed: true},
		"version":       {kind: text, computed: true},
		"createCascade": {kind: flag},
		"dropCascade":   {kind: flag},
	},
	id:         func(v values) string { return v.text("database") + "." + v.text("name") },
	operations: extensions{},
}

type extensions struct{}

func (extensions) create(ctx context.Context, s *server, wanted values) error {
	statement := "CREATE EXTENSION IF NOT EXISTS " + quoteName(wanted.text("name"))
	if schema := wanted.text("schema"); schema != "" {
		statement += " SCHEMA " + quoteName(schema)
	}
	if version := wanted.text("version"); version != "" {
		statement += " VERSION " + quoteName(version)
	}
	if wanted.flag("createCascade") {
		statement += " CASCADE"
	}
	return s.execute(ctx, wanted.text("database"), statement)
}

func (extensions) update(ctx context.Context, s *server, old, wanted values) error {
	name := quoteName(wanted.text("name"))
	statements := []string{}
	if schema := wanted.text("schema"); schema != "" && schema != old.text("schema") {
		statements = append(statements, fmt.Sprintf("ALTER EXTENSION %s SET SCHEMA %s", name, quoteName(schema)))
	}
	if version := wanted.text("version"); version != "" && version != old.text("version") {
		statements = append(statements, fmt.Sprintf("ALTER EXTENSION %s UPDATE TO %s", name, quoteName(version)))
	}
	return s.transaction(ctx, wanted.text("database"), statements)
}

func (extensions) remove(ctx context.Context, s *server, old values) error {
	if exists, err := s.databaseExists(ctx, old.text("database")); err != nil || !exists {
		return err
	}
	mode := "RESTRICT"
	if old.flag("dropCascade") {
		mode = "CASCADE"
	}
	return s.execute(ctx, old.text("database"),
		fmt.Sprintf("DROP EXTENSION IF EXISTS %s %s", quoteName(old.text("name")), mode))
}

func (extensions) read(ctx context.Context, s *server, id string, known values) (values, error) {
	database, name := s.within(id, known)
	if exists, err := s.databaseExists(ctx, database); err != nil || !exists {
		return nil, err
	}
	var schema, version string
	found, err := s.row(ctx, database, `
		SELECT nspname::text, extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
		WHERE extname = $1`, []any{name}, []any{&schema, &version})
	if err != nil || !found {
		return nil, err
	}
	return values{"name": name, "database": database, "schema": schema, "version": version}, nil
}
