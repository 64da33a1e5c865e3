package main

import (
	"fmt"
	"slices"
	"strings"
)

// privilegesOf are the privileges that there are on each type of object; ALL stands for all of them.
var privilegesOf = map[string][]string{
	"database":  {"CREATE", "CONNECT", "TEMPORARY"},
	"schema":    {"CREATE", "USAGE"},
	"table":     {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"},
	"sequence":  {"USAGE", "SELECT", "UPDATE"},
	"function":  {"EXECUTE"},
	"procedure": {"EXECUTE"},
	"routine":   {"EXECUTE"},
	"type":      {"USAGE"},
}

// expand writes privileges as the catalogue does: upper case, without abbreviations.
func expand(objectType string, privileges []string) []string {
	result := []string{}
	for _, privilege := range privileges {
		switch privilege = strings.ToUpper(privilege); privilege {
		case "ALL":
			result = append(result, privilegesOf[objectType]...)
		case "TEMP":
			result = append(result, "TEMPORARY")
		default:
			result = append(result, privilege)
		}
	}
	return sorted(result)
}

// samePrivileges compares what is meant, not how it is written.
func samePrivileges(resource values, state, wanted any) bool {
	a, _ := state.([]string)
	b, _ := wanted.([]string)
	objectType := resource.text("objectType")
	return slices.Equal(expand(objectType, a), expand(objectType, b))
}

// asWritten returns the known privileges where the found ones mean the same, else the found ones.
func asWritten(objectType string, known, found []string) []string {
	if slices.Equal(expand(objectType, known), expand(objectType, found)) {
		return known
	}
	return sorted(found)
}

// checkPrivileges finds privileges that an object of the type does not have, and grant options that nobody can hold.
func checkPrivileges(given values) []fault {
	faults := []fault{}
	objectType := given.text("objectType")
	for _, privilege := range given.list("privileges") {
		allowed := append([]string{"ALL", "TEMP"}, privilegesOf[objectType]...)
		if objectType != "" && !slices.Contains(allowed, strings.ToUpper(privilege)) ||
			strings.EqualFold(privilege, "TEMP") && objectType != "database" {
			faults = append(faults, fault{"privileges", fmt.Sprintf("holds %q; on a %s there are %s, and ALL",
				privilege, objectType, strings.Join(privilegesOf[objectType], ", "))})
		}
	}
	if given.flag("withGrantOption") && isPublic(given.text("role")) {
		faults = append(faults, fault{"withGrantOption", "is true for \"public\"; grant options go to roles only"})
	}
	return faults
}

// grantAndRevoke are the two halves that GRANT and ALTER DEFAULT PRIVILEGES share. Everything is revoked before what is
// wanted is granted, in one transaction: nobody sees the gap.
func grantAndRevoke(prefix, on string, wanted values) []string {
	role := quoteRole(wanted.text("role"))
	statements := []string{fmt.Sprintf("%sREVOKE ALL PRIVILEGES ON %s FROM %s", prefix, on, role)}
	if privileges := expand(wanted.text("objectType"), wanted.list("privileges")); len(privileges) > 0 {
		grant := fmt.Sprintf("%sGRANT %s ON %s TO %s", prefix, strings.Join(privileges, ", "), on, role)
		if wanted.flag("withGrantOption") {
			grant += " WITH GRANT OPTION"
		}
		statements = append(statements, grant)
	}
	return statements
}

// grantee is the role's OID as access control lists hold it; 0 is PUBLIC.
const grantee = "coalesce((SELECT oid FROM pg_roles WHERE rolname = $1), 0)"
