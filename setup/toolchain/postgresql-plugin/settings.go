package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	p "github.com/pulumi/pulumi-go-provider"
	pulumi "github.com/pulumi/pulumi/sdk/v3/go/property"
)

// settings are how a server is reached: the provider's configuration with the official plugin's defaults.
type settings struct {
	host, database, username, password, sslmode, sslrootcert string
	// databaseUsername is the role that counts as one's own in SQL, where it is not that of the login.
	databaseUsername string
	port             int
	connectTimeout   int // seconds
	superuser        bool
}

// configuration lists what the provider takes. The SDK sends numbers and truth values as JSON in a string.
var configuration = resourceType{
	properties: map[string]property{
		"host": {kind: text}, "port": {kind: number, minimum: atLeast(1)}, "database": {kind: text},
		"username": {kind: text}, "password": {kind: text, secret: true}, "databaseUsername": {kind: text},
		"sslmode":     {kind: text, allowed: sslModes},
		"sslMode":     {kind: text, allowed: sslModes},
		"sslrootcert": {kind: text}, "superuser": {kind: flag},
		"connectTimeout": {kind: number, minimum: atLeast(0)},
		"maxConnections": {kind: number, minimum: atLeast(0)}, // one is used for each database
		"scheme":         {kind: text, allowed: []string{"postgres", "postgresql"}},
		// Given for servers that cannot be asked at first; this plugin asks the server what it needs to know.
		"expectedVersion": {kind: text},
	},
}

var sslModes = []string{"disable", "require", "verify-ca", "verify-full"}

func checkConfiguration(_ context.Context, req p.CheckRequest) (p.CheckResponse, error) {
	failures := []p.CheckFailure{}
	fail := func(name, reason string) {
		failures = append(failures, p.CheckFailure{Property: name, Reason: name + " " + reason})
	}
	for name, value := range req.Inputs.All {
		property, served := configuration.properties[name]
		if name == "version" || name == "pluginDownloadURL" || strings.HasPrefix(name, "__") {
			continue // the engine's own
		}
		if !served {
			fail(name, notServed(name, ""))
			continue
		}
		decoded, reason := property.kind.decode(fromJSON(property.kind, value))
		if reason != "" {
			fail(name, reason)
			continue
		}
		for _, f := range property.check(name, decoded) {
			fail(f.property, f.reason)
		}
	}
	return p.CheckResponse{Inputs: req.Inputs, Failures: failures}, nil
}

// diffConfiguration never asks for a replacement: another host or password does not make another role.
func diffConfiguration(_ context.Context, req p.DiffRequest) (p.DiffResponse, error) {
	changes := map[string]p.PropertyDiff{}
	for name := range configuration.properties {
		old, wasSet := req.State.GetOk(name)
		wanted, isSet := req.Inputs.GetOk(name)
		switch {
		case !wasSet && isSet:
			changes[name] = p.PropertyDiff{Kind: p.Add, InputDiff: true}
		case wasSet && !isSet:
			changes[name] = p.PropertyDiff{Kind: p.Delete, InputDiff: true}
		case !old.WithSecret(false).Equals(wanted.WithSecret(false)):
			changes[name] = p.PropertyDiff{Kind: p.Update, InputDiff: true}
		}
	}
	return p.DiffResponse{HasChanges: len(changes) > 0, DetailedDiff: changes}, nil
}

func (s *server) configure(_ context.Context, req p.ConfigureRequest) error {
	given := values{}
	for name, value := range req.Args.All {
		property, served := configuration.properties[name]
		if !served {
			continue
		}
		if decoded, reason := property.kind.decode(fromJSON(property.kind, value)); reason == "" {
			given[name] = decoded
		}
	}
	textOr := func(name, variable, fallback string) string {
		for _, value := range []string{given.text(name), os.Getenv(variable), fallback} {
			if value != "" {
				return value
			}
		}
		return ""
	}
	s.settings = settings{
		host:           textOr("host", "PGHOST", "localhost"),
		database:       textOr("database", "PGDATABASE", "postgres"),
		username:       textOr("username", "PGUSER", "postgres"),
		password:       textOr("password", "PGPASSWORD", ""),
		sslmode:        textOr("sslmode", "PGSSLMODE", textOr("sslMode", "", "require")),
		sslrootcert:    textOr("sslrootcert", "", ""),
		port:           5432,
		connectTimeout: 180,
		superuser:      true,
	}
	s.settings.databaseUsername = textOr("databaseUsername", "", s.settings.username)
	if port, err := strconv.Atoi(os.Getenv("PGPORT")); err == nil {
		s.settings.port = port
	}
	if _, isGiven := given["port"].(int); isGiven {
		s.settings.port = given.number("port")
	}
	if _, isGiven := given["connectTimeout"].(int); isGiven {
		s.settings.connectTimeout = given.number("connectTimeout")
	}
	if _, isGiven := given["superuser"].(bool); isGiven {
		s.settings.superuser = given.flag("superuser")
	}
	return nil
}

// fromJSON takes a number or a truth value out of the string in which the SDK wraps it.
func fromJSON(k kind, value pulumi.Value) pulumi.Value {
	if !value.IsString() || (k != number && k != flag) {
		return value
	}
	if n, err := strconv.Atoi(value.AsString()); k == number && err == nil {
		return pulumi.New(float64(n))
	}
	if k == flag && slices.Contains([]string{"true", "false"}, value.AsString()) {
		return pulumi.New(value.AsString() == "true")
	}
	return value
}

// connection describes a connection to a database of the server.
func (s settings) connection(database string) (*pgx.ConnConfig, error) {
	query := url.Values{"sslmode": {s.sslmode}, "application_name": {"pulumi"}}
	if s.sslrootcert != "" {
		query.Set("sslrootcert", s.sslrootcert)
	}
	address := url.URL{
		Scheme: "postgres", Host: net.JoinHostPort(s.host, strconv.Itoa(s.port)), Path: "/" + database, RawQuery: query.Encode(),
	}
	if strings.HasPrefix(s.host, "/") { // a directory with the server's socket
		query.Set("host", s.host)
		query.Set("port", strconv.Itoa(s.port))
		address.Host, address.RawQuery = "", query.Encode()
	}
	config, err := pgx.ParseConfig(address.String())
	if err != nil {
		return nil, fmt.Errorf("the provider's configuration is not understood: %w", err)
	}
	config.User, config.Password = s.username, s.password
	config.ConnectTimeout = seconds(s.connectTimeout)
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // each query runs once: preparing it would cost a round trip
	return config, nil
}
