package main

import (
	"errors"
	"strings"
	"testing"
)

func TestQuoteLiteral(t *testing.T) {
	for value, want := range map[string]string{
		`plain`:        `'plain'`,
		`it's`:         `'it''s'`,
		`back\slash`:   ` E'back\\slash'`,
		`\'; DROP --`:  ` E'\\''; DROP --'`,
		`$$ no dollar`: `'$$ no dollar'`,
	} {
		if got := quoteLiteral(value); got != want {
			t.Errorf("quoteLiteral(%q) = %s, want %s", value, got, want)
		}
	}
}

func TestRoleNamesAreQuoted(t *testing.T) {
	name := `x"; DROP ROLE y; --`
	wanted := roleType.complete(values{"name": name, "roles": []string{name}, "searchPaths": []string{name}})
	for _, statement := range roleSettings(values{}, wanted) {
		if rest := strings.ReplaceAll(statement, quoteName(name), ""); strings.Contains(rest, "DROP") {
			t.Errorf("a name is spliced unquoted: %s", statement)
		}
	}
}

func TestAnUpdateTouchesWhatChanged(t *testing.T) {
	old := roleType.complete(values{"name": "a", "login": true, "password": "md5x"})
	if got := roleOptions(old, old.with(values{"connectionLimit": 5})); got != " WITH CONNECTION LIMIT 5" {
		t.Errorf("options are %q", got)
	}
	if got := roleOptions(old, old); got != "" {
		t.Errorf("without a change, options are %q", got)
	}
}

func TestPrivilegesAreComparedByMeaning(t *testing.T) {
	table := values{"objectType": "table"}
	if !samePrivileges(table, []string{"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"}, []string{"ALL"}) {
		t.Error("ALL is not the same as all")
	}
	if !samePrivileges(values{"objectType": "database"}, []string{"TEMPORARY", "CONNECT"}, []string{"connect", "temp"}) {
		t.Error("case, order or abbreviation make a difference")
	}
	if samePrivileges(table, []string{"SELECT"}, []string{"SELECT", "INSERT"}) {
		t.Error("a missing privilege makes no difference")
	}
}

func TestRevokingEverythingGrantsNothing(t *testing.T) {
	statements := grantAndRevoke("", "DATABASE d", values{"objectType": "database", "role": "public", "privileges": []string{}})
	if len(statements) != 1 || statements[0] != "REVOKE ALL PRIVILEGES ON DATABASE d FROM PUBLIC" {
		t.Errorf("statements are %q", statements)
	}
}

func TestErrorsHoldNoPassword(t *testing.T) {
	err := roleType.redact(errors.New(`syntax error at or near "hunter2"`), values{"password": "hunter2"})
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error is %q", err)
	}
}
