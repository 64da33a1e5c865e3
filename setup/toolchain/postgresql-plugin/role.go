package main

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

var roleType = resourceType{
	properties: map[string]property{
		"name":                            {kind: text, required: true},
		"password":                        {kind: text, secret: true},
		"roles":                           {kind: set},
		"searchPaths":                     {kind: list},
		"connectionLimit":                 {kind: number, fallback: -1, minimum: atLeast(-1)},
		"validUntil":                      {kind: text, fallback: "infinity"},
		"statementTimeout":                {kind: number, minimum: atLeast(0)}, // milliseconds
		"idleInTransactionSessionTimeout": {kind: number, minimum: atLeast(0)}, // milliseconds
		"assumeRole":                      {kind: text},
		"superuser":                       {kind: flag},
		"createDatabase":                  {kind: flag},
		"createRole":                      {kind: flag},
		"inherit":                         {kind: flag, fallback: true},
		"login":                           {kind: flag},
		"replication":                     {kind: flag},
		"bypassRowLevelSecurity":          {kind: flag},
		"encryptedPassword":               {kind: flag, fallback: true},
		"skipDropRole":                    {kind: flag},
		"skipReassignOwned":               {kind: flag},
	},
	refused: map[string]string{
		"encrypted":         "it is called encryptedPassword now",
		"passwordWo":        "give password: it is encrypted in the state",
		"passwordWoVersion": "give password: it is encrypted in the state",
	},
	check: func(given values) []fault {
		if encrypted, isGiven := given["encryptedPassword"]; isGiven && encrypted == false {
			return []fault{{"encryptedPassword", "is false; PostgreSQL 10 and later store no plain passwords"}}
		}
		return nil
	},
	id:         func(v values) string { return v.text("name") },
	operations: roles{},
}

type roles struct{}

// roleFlags are the attributes that are on or off; each is switched off by "NO" before its key word.
var roleFlags = []struct{ property, keyword, column string }{
	{"superuser", "SUPERUSER", "rolsuper"},
	{"createDatabase", "CREATEDB", "rolcreatedb"},
	{"createRole", "CREATEROLE", "rolcreaterole"},
	{"inherit", "INHERIT", "rolinherit"},
	{"login", "LOGIN", "rolcanlogin"},
	{"replication", "REPLICATION", "rolreplication"},
	{"bypassRowLevelSecurity", "BYPASSRLS", "rolbypassrls"},
}

func (roles) create(ctx context.Context, s *server, wanted values) error {
	name := quoteName(wanted.text("name"))
	statements := []string{"CREATE ROLE " + name + roleOptions(values{}, wanted)}
	return s.transaction(ctx, "", append(statements, roleSettings(values{}, wanted)...))
}

func (roles) update(ctx context.Context, s *server, old, wanted values) error {
	statements := []string{}
	name := quoteName(wanted.text("name"))
	if old.text("name") != wanted.text("name") {
		statements = append(statements, fmt.Sprintf("ALTER ROLE %s RENAME TO %s", quoteName(old.text("name")), name))
		// A hash of the MD5 kind holds the name, so renaming clears it: set the password again.
		old = old.with(values{"password": ""})
	}
	if options := roleOptions(old, wanted); options != "" {
		statements = append(statements, "ALTER ROLE "+name+options)
	}
	return s.transaction(ctx, "", append(statements, roleSettings(old, wanted)...))
}

// roleOptions are the options of CREATE ROLE and ALTER ROLE that lead from the old role to the wanted one.
func roleOptions(old, wanted values) string {
	options := []string{}
	for _, attribute := range roleFlags {
		if was, isKnown := old[attribute.property]; !isKnown || was != wanted[attribute.property] {
			options = append(options, onOff(wanted.flag(attribute.property))+attribute.keyword)
		}
	}
	if limit := wanted.number("connectionLimit"); old["connectionLimit"] != limit {
		options = append(options, fmt.Sprintf("CONNECTION LIMIT %d", limit))
	}
	if until := wanted.text("validUntil"); old.text("validUntil") != until {
		if until == "" || strings.EqualFold(until, "null") {
			until = "infinity"
		}
		options = append(options, "VALID UNTIL "+quoteLiteral(until))
	}
	if password := wanted.text("password"); old.text("password") != password {
		if password == "" || strings.EqualFold(password, "null") {
			options = append(options, "PASSWORD NULL")
		} else {
			options = append(options, "PASSWORD "+quoteLiteral(password))
		}
	}
	if len(options) == 0 {
		return ""
	}
	return " WITH " + strings.Join(options, " ")
}

func onOff(on bool) string {
	if on {
		return ""
	}
	return "NO"
}

// roleSettings are the statements for memberships and for settings that a session starts with.
func roleSettings(old, wanted values) []string {
	name := quoteName(wanted.text("name"))
	statements := []string{}
	for _, role := range old.list("roles") {
		if !slices.Contains(wanted.list("roles"), role) {
			statements = append(statements, fmt.Sprintf("REVOKE %s FROM %s", quoteName(role), name))
		}
	}
	for _, role := range wanted.list("roles") {
		if !slices.Contains(old.list("roles"), role) {
			statements = append(statements, fmt.Sprintf("GRANT %s TO %s", quoteName(role), name))
		}
	}
	set := func(parameter, value string, isChanged bool) {
		switch {
		case isChanged && value != "":
			statements = append(statements, fmt.Sprintf("ALTER ROLE %s SET %s TO %s", name, parameter, value))
		case isChanged:
			statements = append(statements, fmt.Sprintf("ALTER ROLE %s RESET %s", name, parameter))
		}
	}
	path := []string{}
	for _, schema := range wanted.list("searchPaths") {
		path = append(path, quoteName(schema))
	}
	set("search_path", strings.Join(path, ", "), !slices.Equal(old.list("searchPaths"), wanted.list("searchPaths")))
	for property, parameter := range map[string]string{
		"statementTimeout":                "statement_timeout",
		"idleInTransactionSessionTimeout": "idle_in_transaction_session_timeout",
	} {
		value := ""
		if milliseconds := wanted.number(property); milliseconds != 0 {
			value = fmt.Sprint(milliseconds)
		}
		set(parameter, value, old.number(property) != wanted.number(property))
	}
	assumed := ""
	if role := wanted.text("assumeRole"); role != "" {
		assumed = quoteName(role)
	}
	set("role", assumed, old.text("assumeRole") != wanted.text("assumeRole"))
	return statements
}

func (roles) remove(ctx context.Context, s *server, old values) error {
	name := quoteName(old.text("name"))
	if exists, err := s.roleExists(ctx, old.text("name")); err != nil || !exists {
		return err
	}
	statements := []string{}
	if !old.flag("skipReassignOwned") {
		statements = append(statements,
			fmt.Sprintf("REASSIGN OWNED BY %s TO %s", name, quoteName(s.settings.databaseUsername)), "DROP OWNED BY "+name)
	}
	if !old.flag("skipDropRole") {
		statements = append(statements, "DROP ROLE "+name)
	}
	return s.transaction(ctx, "", statements)
}

func (roles) read(ctx context.Context, s *server, id string, known values) (values, error) {
	name := known.text("name")
	if name == "" { // an import
		name = id
	}
	result := values{"name": name}
	columns := []string{}
	targets := []any{}
	flags := make([]bool, len(roleFlags))
	for i, attribute := range roleFlags {
		columns = append(columns, attribute.column)
		targets = append(targets, &flags[i])
	}
	var limit int
	var until string
	var sameUntil bool
	var granted, settings []string
	knownUntil := known.text("validUntil")
	if knownUntil == "" || strings.EqualFold(knownUntil, "null") {
		knownUntil = "infinity"
	}
	found, err := s.row(ctx, "", `
		SELECT rolconnlimit, coalesce(rolvaliduntil::text, 'infinity'),
			coalesce(rolvaliduntil, 'infinity') = $2::text::timestamptz, coalesce(rolconfig, '{}'),
			ARRAY(SELECT pg_get_userbyid(roleid)::text FROM pg_auth_members WHERE member = r.oid ORDER BY 1),
			`+strings.Join(columns, ", ")+`
		FROM pg_roles r WHERE rolname = $1`,
		[]any{name, knownUntil}, append([]any{&limit, &until, &sameUntil, &settings, &granted}, targets...))
	if err != nil || !found {
		return nil, err
	}
	for i, attribute := range roleFlags {
		result[attribute.property] = flags[i]
	}
	result["connectionLimit"] = limit
	result["validUntil"] = until
	if sameUntil { // another way to write the same time is no difference
		result["validUntil"] = known.text("validUntil")
	}
	result["roles"] = granted
	if sameSet(granted, known.list("roles")) {
		result["roles"] = known.list("roles")
	}
	for name, value := range readRoleSettings(settings) {
		result[name] = value
	}
	result["password"], err = s.readPassword(ctx, name, known.text("password"), result.flag("login"))
	return result, err
}

// readPassword returns what the program gave where that is what the server has, else what the server has: a verifier.
func (s *server) readPassword(ctx context.Context, role, known string, canLogin bool) (string, error) {
	if !canLogin || !s.settings.superuser {
		return known, nil // without a use, or not to be seen
	}
	var stored string
	if _, err := s.row(ctx, "", "SELECT coalesce(rolpassword, '') FROM pg_authid WHERE rolname = $1",
		[]any{role}, []any{&stored}); err != nil {
		return "", fmt.Errorf("cannot read the password of role %s (for a login that is no superuser, set superuser: false "+
			"on the provider): %w", role, err)
	}
	isVerifier := strings.HasPrefix(known, "SCRAM-SHA-256$") || strings.HasPrefix(known, "md5")
	if known == "" || isVerifier || stored == "" {
		return stored, nil
	}
	hash := md5.Sum([]byte(known + role))
	if strings.HasPrefix(stored, "SCRAM-SHA-256$") || stored == "md5"+hex.EncodeToString(hash[:]) {
		return known, nil // a plain password cannot be told from a SCRAM verifier without its salt: trust it
	}
	return stored, nil
}
