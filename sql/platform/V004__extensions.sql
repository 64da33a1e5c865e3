-- acgs: role=superuser
-- The extensions, in the schema public but for pg_cron, which brings its own. pg_stat_statements, pg_cron and pgaudit take
-- a superuser; the others come the same way, so that all belong to the same owner.

-- PostgreSQL lets everybody execute a new function, of an extension too, unless told otherwise. What anyone may do is
-- granted object by object (R__privileges.sql). The owner of all other objects has the same from components/roles.
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;

CREATE EXTENSION IF NOT EXISTS pg_stat_statements WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_cron;
CREATE EXTENSION IF NOT EXISTS pgaudit WITH SCHEMA public;
