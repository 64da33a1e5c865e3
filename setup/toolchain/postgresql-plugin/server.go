package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// server is the PostgreSQL server of one provider resource. A connection is made when the first operation needs it:
// a preview needs none.
type server struct {
	settings settings
	// lock lets one operation run at a time: grants on one object that run at once fail with "tuple concurrently
	// updated".
	lock        sync.Mutex
	connections map[string]*pgx.Conn
}

// connection returns the connection to a database ("" is that of the provider), making it where there is none.
func (s *server) connection(ctx context.Context, database string) (*pgx.Conn, error) {
	if database == "" {
		database = s.settings.database
	}
	if open := s.connections[database]; open != nil && !open.IsClosed() {
		return open, nil
	}
	config, err := s.settings.connection(database)
	if err != nil {
		return nil, err
	}
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to database %q on %s:%d as %s: %w", database,
			s.settings.host, s.settings.port, s.settings.username, reason(err))
	}
	if s.connections == nil {
		s.connections = map[string]*pgx.Conn{}
	}
	s.connections[database] = connection
	return connection, nil
}

// disconnect gives up the connection to a database, which could not be dropped with it.
func (s *server) disconnect(ctx context.Context, database string) {
	if open := s.connections[database]; open != nil {
		_ = open.Close(ctx) // it is given up either way
		delete(s.connections, database)
	}
}

// transaction runs statements on a database, all or none.
func (s *server) transaction(ctx context.Context, database string, statements []string) error {
	connection, err := s.connection(ctx, database)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, connection, func(tx pgx.Tx) error {
		for _, statement := range statements {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return reason(err)
			}
		}
		return nil
	})
}

// execute runs a statement that PostgreSQL does not allow in a transaction.
func (s *server) execute(ctx context.Context, database, statement string) error {
	connection, err := s.connection(ctx, database)
	if err != nil {
		return err
	}
	_, err = connection.Exec(ctx, statement)
	return reason(err)
}

// row reads one row into the targets, and tells whether there is one.
func (s *server) row(ctx context.Context, database, query string, arguments, targets []any) (bool, error) {
	connection, err := s.connection(ctx, database)
	if err != nil {
		return false, err
	}
	err = connection.QueryRow(ctx, query, arguments...).Scan(targets...)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, reason(err)
}

// exists tells whether a query has a row.
func (s *server) exists(ctx context.Context, database, query string, arguments ...any) (bool, error) {
	var one int
	return s.row(ctx, database, query, arguments, []any{&one})
}

func (s *server) roleExists(ctx context.Context, role string) (bool, error) {
	if isPublic(role) {
		return true, nil
	}
	return s.exists(ctx, "", "SELECT 1 FROM pg_roles WHERE rolname = $1", role)
}

func (s *server) databaseExists(ctx context.Context, database string) (bool, error) {
	return s.exists(ctx, "", "SELECT 1 FROM pg_database WHERE datname = $1", database)
}

func (s *server) schemaExists(ctx context.Context, database, schema string) (bool, error) {
	return s.exists(ctx, database, "SELECT 1 FROM pg_namespace WHERE nspname = $1", schema)
}

// reason keeps what helps an operator of a server's error. It leaves out the statement, which may hold a password.
func reason(err error) error {
	var fromServer *pgconn.PgError
	if !errors.As(err, &fromServer) {
		return err
	}
	message := fmt.Sprintf("%s (SQLSTATE %s)", fromServer.Message, fromServer.Code)
	for _, more := range []string{fromServer.Detail, fromServer.Hint} {
		if more != "" {
			message += ". " + more
		}
	}
	return errors.New(message)
}

// quoteName quotes an identifier.
func quoteName(name string) string { return pgx.Identifier{name}.Sanitize() }

// quoteRole quotes a role's name; PUBLIC is a key word.
func quoteRole(role string) string {
	if isPublic(role) {
		return "PUBLIC"
	}
	return quoteName(role)
}

func isPublic(role string) bool { return strings.EqualFold(role, "public") }

// quoteLiteral quotes a string constant, whatever standard_conforming_strings says.
func quoteLiteral(value string) string {
	quoted := "'" + strings.ReplaceAll(value, "'", "''") + "'"
	if strings.Contains(value, `\`) {
		return " E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
