package main

import "context"

// kind is the type of a property's value.
type kind int

const (
	text kind = iota
	number
	flag
	list // order matters
	set  // order does not matter
)

// property says what the stand-in knows about one property of a resource type.
type property struct {
	kind     kind
	required bool
	// computed: what is not given is left to the server, and never a difference.
	computed bool
	// replace: a change cannot be made in place.
	replace bool
	secret  bool
	// fallback is what holds where the program gives nothing; nil stands for the kind's zero value.
	fallback any
	allowed  []string
	minimum  *int
	// same tells whether two values mean the same; nil: whether they are equal.
	same func(resource values, state, wanted any) bool
}

// resourceType says everything about one resource type.
type resourceType struct {
	properties map[string]property
	// refused are properties that the official plugin serves and this one does not, and what to do instead.
	refused map[string]string
	// check finds faults that concern more than one property. It may meet unknown values.
	check func(given values) []fault
	// id is the resource's identity, as the official plugin forms it.
	id func(v values) string
	operations
}

// operations are what is done on the server. They get complete values: defaults are filled in.
type operations interface {
	create(ctx context.Context, s *server, wanted values) error
	// read returns what the server says, or nil where the resource is gone. Properties that no catalogue holds
	// may be left out: they stay as `known` has them.
	read(ctx context.Context, s *server, id string, known values) (values, error)
	update(ctx context.Context, s *server, old, wanted values) error
	remove(ctx context.Context, s *server, old values) error
}

// fault is a property with a value that is not accepted.
type fault struct{ property, reason string }

// resourceTypes are the served types, by token.
var resourceTypes = map[string]resourceType{
	"postgresql:index/role:Role":                           roleType,
	"postgresql:index/database:Database":                   databaseType,
	"postgresql:index/schema:Schema":                       schemaType,
	"postgresql:index/grant:Grant":                         grantType,
	"postgresql:index/defaultPrivileges:DefaultPrivileges": defaultPrivilegesType,
	"postgresql:index/extension:Extension":                 extensionType,
	"postgresql:index/grantRole:GrantRole":                 grantRoleType,
}

func atLeast(minimum int) *int { return &minimum }
