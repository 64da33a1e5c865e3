package main

import (
	"context"
	"fmt"
	"strconv"
)

var grantRoleType = resourceType{
	properties: map[string]property{
		"role":            {kind: text, required: true, replace: true},
		"grantRole":       {kind: text, required: true, replace: true},
		"withAdminOption": {kind: flag, replace: true},
	},
	id: func(v values) string {
		return v.text("role") + "_" + v.text("grantRole") + "_" + strconv.FormatBool(v.flag("withAdminOption"))
	},
	operations: memberships{},
}

type memberships struct{}

func (memberships) create(ctx context.Context, s *server, wanted values) error {
	role, granted := quoteName(wanted.text("role")), quoteName(wanted.text("grantRole"))
	statement := fmt.Sprintf("GRANT %s TO %s", granted, role)
	if wanted.flag("withAdminOption") {
		statement += " WITH ADMIN OPTION"
	}
	return s.execute(ctx, "", statement)
}

// update has nothing to do: every change is a replacement.
func (memberships) update(context.Context, *server, values, values) error { return nil }

func (memberships) remove(ctx context.Context, s *server, old values) error {
	for _, role := range []string{old.text("role"), old.text("grantRole")} {
		if exists, err := s.roleExists(ctx, role); err != nil || !exists {
			return err // with a role, its memberships are gone
		}
	}
	return s.execute(ctx, "",
		fmt.Sprintf("REVOKE %s FROM %s", quoteName(old.text("grantRole")), quoteName(old.text("role"))))
}

func (memberships) read(ctx context.Context, s *server, id string, known values) (values, error) {
	if known.text("role") == "" {
		return nil, fmt.Errorf("%s cannot be imported: its ID does not say which part is which role", id)
	}
	var withAdminOption bool
	found, err := s.row(ctx, "", `
		SELECT admin_option FROM pg_auth_members
		WHERE pg_get_userbyid(member) = $1 AND pg_get_userbyid(roleid) = $2 ORDER BY admin_option DESC LIMIT 1`,
		[]any{known.text("role"), known.text("grantRole")}, []any{&withAdminOption})
	if err != nil || !found {
		return nil, err
	}
	return values{"withAdminOption": withAdminOption}, nil
}
