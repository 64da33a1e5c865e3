package main

import (
	"context"
	"fmt"
	"strings"
)

var databaseType = resourceType{
	properties: map[string]property{
		"name":                 {kind: text, required: true},
		"owner":                {kind: text, computed: true, same: sameOrDefault},
		"template":             {kind: text, computed: true, replace: true},
		"encoding":             {kind: text, computed: true, replace: true, same: sameOrDefault},
		"lcCollate":            {kind: text, computed: true, replace: true, same: sameOrDefault},
		"lcCtype":              {kind: text, computed: true, replace: true, same: sameOrDefault},
		"tablespaceName":       {kind: text, computed: true, same: sameOrDefault},
		"isTemplate":           {kind: flag, computed: true},
		"connectionLimit":      {kind: number, fallback: -1, minimum: atLeast(-1)},
		"allowConnections":     {kind: flag, fallback: true},
		"alterObjectOwnership": {kind: flag},
	},
	id:         func(v values) string { return v.text("name") },
	operations: databases{},
}

type databases struct{}

// isDefault tells whether a name stands for "whatever the server takes".
func isDefault(name string) bool { return name == "" || strings.EqualFold(name, "default") }

func sameOrDefault(_ values, state, wanted any) bool {
	name, _ := wanted.(string)
	return isDefault(name) || state == wanted
}

func (databases) create(ctx context.Context, s *server, wanted values) error {
	orElse := func(property, fallback string) string {
		if isDefault(wanted.text(property)) {
			return fallback
		}
		return wanted.text(property)
	}
	statement := "CREATE DATABASE " + quoteName(wanted.text("name")) +
		" OWNER " + quoteName(orElse("owner", s.settings.databaseUsername))
	if template := wanted.text("template"); strings.EqualFold(template, "default") {
		statement += " TEMPLATE DEFAULT"
	} else {
		statement += " TEMPLATE " + quoteName(orElse("template", "template0"))
	}
	if encoding := wanted.text("encoding"); strings.EqualFold(encoding, "default") {
		statement += " ENCODING DEFAULT"
	} else {
		statement += " ENCODING " + quoteLiteral(orElse("encoding", "UTF8"))
	}
	for property, clause := range map[string]string{"lcCollate": " LC_COLLATE ", "lcCtype": " LC_CTYPE "} {
		if !isDefault(wanted.text(property)) {
			statement += clause + quoteLiteral(wanted.text(property))
		}
	}
	if !isDefault(wanted.text("tablespaceName")) {
		statement += " TABLESPACE " + quoteName(wanted.text("tablespaceName"))
	}
	statement += fmt.Sprintf(" ALLOW_CONNECTIONS %t CONNECTION LIMIT %d IS_TEMPLATE %t",
		wanted.flag("allowConnections"), wanted.number("connectionLimit"), wanted.flag("isTemplate"))
	return s.execute(ctx, "", statement)
}

func (databases) update(ctx context.Context, s *server, old, wanted values) error {
	name := quoteName(wanted.text("name"))
	statements := []string{}
	alter := func(format string, arguments ...any) {
		statements = append(statements, "ALTER DATABASE "+name+" "+fmt.Sprintf(format, arguments...))
	}
	if from := old.text("name"); from != wanted.text("name") {
		s.disconnect(ctx, from)
		statements = append(statements, fmt.Sprintf("ALTER DATABASE %s RENAME TO %s", quoteName(from), name))
	}
	owner := wanted.text("owner")
	isNewOwner := !sameOrDefault(nil, old["owner"], owner)
	if isNewOwner {
		alter("OWNER TO %s", quoteName(owner))
	}
	if tablespace := wanted.text("tablespaceName"); !sameOrDefault(nil, old["tablespaceName"], tablespace) {
		s.disconnect(ctx, wanted.text("name"))
		alter("SET TABLESPACE %s", quoteName(tablespace))
	}
	if limit := wanted.number("connectionLimit"); limit != old["connectionLimit"] {
		alter("CONNECTION LIMIT %d", limit)
	}
	for property, keyword := range map[string]string{
		"allowConnections": "ALLOW_CONNECTIONS", "isTemplate": "IS_TEMPLATE",
	} {
		if on := wanted.flag(property); on != old.flag(property) {
			alter("%s %t", keyword, on)
		}
	}
	for _, statement := range statements {
		if err := s.execute(ctx, "", statement); err != nil {
			return err
		}
	}
	if isNewOwner && wanted.flag("alterObjectOwnership") {
		return s.execute(ctx, wanted.text("name"),
			fmt.Sprintf("REASSIGN OWNED BY %s TO %s", quoteName(old.text("owner")), quoteName(owner)))
	}
	return nil
}

func (databases) remove(ctx context.Context, s *server, old values) error {
	name := old.text("name")
	s.disconnect(ctx, name)
	if exists, err := s.databaseExists(ctx, name); err != nil || !exists {
		return err
	}
	if old.flag("isTemplate") { // a template cannot be dropped
		if err := s.execute(ctx, "", fmt.Sprintf("ALTER DATABASE %s IS_TEMPLATE false", quoteName(name))); err != nil {
			return err
		}
	}
	return s.execute(ctx, "", fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", quoteName(name)))
}

func (databases) read(ctx context.Context, s *server, id string, known values) (values, error) {
	name := known.text("name")
	if name == "" { // an import
		name = id
	}
	var owner, encoding, collate, ctype, tablespace string
	var limit int
	var allowConnections, isTemplate bool
	found, err := s.row(ctx, "", `
		SELECT pg_get_userbyid(datdba)::text, pg_encoding_to_char(encoding)::text, datcollate::text, datctype::text,
			spcname::text, datconnlimit, datallowconn, datistemplate
		FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE datname = $1`,
		[]any{name},
		[]any{&owner, &encoding, &collate, &ctype, &tablespace, &limit, &allowConnections, &isTemplate})
	if err != nil || !found {
		return nil, err
	}
	template := known.text("template")
	if template == "" {
		template = "template0" // not kept anywhere
	}
	return values{
		"name": name, "owner": owner, "encoding": encoding, "lcCollate": collate, "lcCtype": ctype, "template": template,
		"tablespaceName": tablespace, "connectionLimit": limit, "allowConnections": allowConnections,
		"isTemplate": isTemplate,
	}, nil
}
