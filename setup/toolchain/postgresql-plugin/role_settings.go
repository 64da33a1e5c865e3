package main

import (
	"strconv"
	"strings"
)

// readRoleSettings reads `pg_roles.rolconfig`: "name=value" for each setting that the role's sessions start with.
func readRoleSettings(settings []string) values {
	result := values{
		"searchPaths": []string(nil), "statementTimeout": 0, "idleInTransactionSessionTimeout": 0, "assumeRole": "",
	}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		switch name {
		case "search_path":
			result["searchPaths"] = splitNames(value)
		case "statement_timeout":
			result["statementTimeout"] = milliseconds(value)
		case "idle_in_transaction_session_timeout":
			result["idleInTransactionSessionTimeout"] = milliseconds(value)
		case "role":
			result["assumeRole"] = value
		}
	}
	return result
}

// splitNames splits a list of identifiers, which are quoted where they need it.
func splitNames(line string) []string {
	names := []string{}
	var name strings.Builder
	isQuoted, isOpen := false, false
	finish := func() {
		if isQuoted || name.Len() > 0 {
			names = append(names, name.String())
		}
		name.Reset()
		isQuoted = false
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"' && isOpen && i+1 < len(line) && line[i+1] == '"':
			name.WriteByte('"')
			i++
		case c == '"':
			isOpen, isQuoted = !isOpen, true
		case c == ',' && !isOpen:
			finish()
		case c == ' ' && !isOpen:
		default:
			name.WriteByte(c)
		}
	}
	finish()
	return names
}

// milliseconds reads a time as PostgreSQL takes it: a number of milliseconds, or one with a unit.
func milliseconds(value string) int {
	units := map[string]int{"": 1, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
	digits := strings.TrimRight(value, "abcdefghijklmnopqrstuvwxyz ")
	count, err := strconv.Atoi(digits)
	factor, isKnown := units[strings.TrimSpace(value[len(digits):])]
	if err != nil || !isKnown {
		return -1 // set by hand to something that no program of ours gives: a difference
	}
	return count * factor
}
