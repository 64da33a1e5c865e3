package main

import (
	"slices"

	pulumi "github.com/pulumi/pulumi/sdk/v3/go/property"
)

// values holds a resource's properties as plain Go values: string, int, bool or []string. What is absent is not given.
type values map[string]any

// unknown stands for a value that only the deployment will bring; it occurs in previews.
type unknown struct{}

func (v values) text(name string) string   { s, _ := v[name].(string); return s }
func (v values) number(name string) int    { n, _ := v[name].(int); return n }
func (v values) flag(name string) bool     { b, _ := v[name].(bool); return b }
func (v values) list(name string) []string { l, _ := v[name].([]string); return l }

// with returns a copy in which later values win.
func (v values) with(others ...values) values {
	result := values{}
	for _, source := range append([]values{v}, others...) {
		for name, value := range source {
			result[name] = value
		}
	}
	return result
}

// decode reads the served properties of a map that comes from the engine, and finds values of the wrong type.
func (t resourceType) decode(properties pulumi.Map) (values, []fault) {
	result := values{}
	var faults []fault
	for name, value := range properties.All {
		expected, served := t.properties[name]
		if !served || value.IsNull() {
			continue
		}
		decoded, reason := expected.kind.decode(value)
		if reason != "" {
			faults = append(faults, fault{name, reason})
			continue
		}
		result[name] = decoded
	}
	return result, faults
}

func (k kind) decode(value pulumi.Value) (decoded any, reason string) {
	switch {
	case value.HasComputed():
		return unknown{}, ""
	case k == text && value.IsString():
		return value.AsString(), ""
	case k == number && value.IsNumber() && value.AsNumber() == float64(int(value.AsNumber())):
		return int(value.AsNumber()), ""
	case k == flag && value.IsBool():
		return value.AsBool(), ""
	case (k == list || k == set) && value.IsArray():
		items := []string{}
		for _, item := range value.AsArray().All {
			if !item.IsString() {
				return nil, "must be a list of strings"
			}
			items = append(items, item.AsString())
		}
		return items, ""
	}
	return nil, "must be " + map[kind]string{
		text: "a string", number: "a whole number", flag: "true or false",
		list: "a list of strings", set: "a list of strings",
	}[k]
}

// encode makes a map for the engine; names in `secrets`, and properties that always are, come out as secrets.
func (t resourceType) encode(v values, secrets map[string]bool) pulumi.Map {
	result := map[string]pulumi.Value{}
	for name, value := range v {
		var encoded pulumi.Value
		switch value := value.(type) {
		case string:
			encoded = pulumi.New(value)
		case int:
			encoded = pulumi.New(float64(value))
		case bool:
			encoded = pulumi.New(value)
		case []string:
			items := []pulumi.Value{}
			for _, item := range value {
				items = append(items, pulumi.New(item))
			}
			encoded = pulumi.New(pulumi.NewArray(items))
		default:
			encoded = pulumi.New(pulumi.Computed)
		}
		result[name] = encoded.WithSecret(secrets[name] || t.properties[name].secret)
	}
	return pulumi.NewMap(result)
}

// secretNames are the properties that the program marked as secret.
func secretNames(properties pulumi.Map) map[string]bool {
	names := map[string]bool{}
	for name, value := range properties.All {
		names[name] = value.HasSecrets()
	}
	return names
}

// complete fills in what holds where nothing is given. Computed properties stay absent.
func (t resourceType) complete(given values) values {
	result := values{}
	for name, property := range t.properties {
		value, isGiven := given[name]
		switch {
		case isGiven:
			result[name] = value
		case !property.computed:
			if fallback := property.fallbackValue(); fallback != nil {
				result[name] = fallback
			}
		}
	}
	return result
}

// fallbackValue is nil where "not given" has no value that could stand for it: a text or a list.
func (p property) fallbackValue() any {
	if p.fallback != nil {
		return p.fallback
	}
	switch p.kind {
	case flag:
		return false
	case number:
		return 0
	default:
		return nil
	}
}

// equal compares two values of a property, of which either may be absent (nil).
func (p property) equal(resource values, state, wanted any) bool {
	if p.same != nil {
		return p.same(resource, state, wanted)
	}
	switch p.kind {
	case list, set:
		a, _ := state.([]string)
		b, _ := wanted.([]string)
		if p.kind == set {
			return sameSet(a, b)
		}
		return slices.Equal(a, b)
	case text:
		a, _ := state.(string)
		b, _ := wanted.(string)
		return a == b
	default:
		return state == wanted
	}
}

func sameSet(a, b []string) bool { return slices.Equal(sorted(a), sorted(b)) }

func sorted(items []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(items)))
}
