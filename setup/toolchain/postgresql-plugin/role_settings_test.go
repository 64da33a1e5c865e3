package main

import (
	"slices"
	"testing"
)

func TestSplitNames(t *testing.T) {
	for line, want := range map[string][]string{
		`dgm, public`:            {"dgm", "public"},
		`"$user", public`:        {"$user", "public"},
		`"with, comma", "a""b"`:  {"with, comma", `a"b`},
		`""`:                     {""},
		``:                       {},
		`"Upper",lower,  spaced`: {"Upper", "lower", "spaced"},
	} {
		if got := splitNames(line); !slices.Equal(got, want) {
			t.Errorf("splitNames(%q) = %q, want %q", line, got, want)
		}
	}
}

func TestMilliseconds(t *testing.T) {
	for value, want := range map[string]int{"30000": 30000, "30s": 30000, "5min": 300000, "1h": 3600000, "0": 0, "soon": -1} {
		if got := milliseconds(value); got != want {
			t.Errorf("milliseconds(%q) = %d, want %d", value, got, want)
		}
	}
}

func TestReadRoleSettings(t *testing.T) {
	got := readRoleSettings([]string{"search_path=dgm, public", "statement_timeout=30s", "work_mem=8MB"})
	if !slices.Equal(got.list("searchPaths"), []string{"dgm", "public"}) || got.number("statementTimeout") != 30000 {
		t.Errorf("settings are not read: %v", got)
	}
	if got.number("idleInTransactionSessionTimeout") != 0 || got.text("assumeRole") != "" {
		t.Errorf("what is not set does not read as its default: %v", got)
	}
}
