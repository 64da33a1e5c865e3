-- What the rows of the examples are made with. The same number gives the same row, so that every run has the same ones.

CREATE SCHEMA example;

-- A moment for the i-th of n rows that came one after the other over some days and ended at the moment of the examples.
CREATE FUNCTION example.came(i bigint, n bigint, days double precision) RETURNS timestamptz
LANGUAGE sql IMMUTABLE
RETURN '{moment}'::timestamptz - make_interval(secs => days * 86400 * (n - i) / n);

-- A number from 0 to 1 that looks random. Different salts give numbers that have nothing to do with each other.
CREATE FUNCTION example.chance(i bigint, salt bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE
RETURN (hashint8extended(i, salt) & 4294967295) / 4294967296.0;

CREATE FUNCTION example.key(what text, i bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE
RETURN md5(what || ' ' || i)::uuid;

CREATE FUNCTION example.sha256(what text, i bigint) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN encode(sha256(convert_to(what || ' ' || i, 'UTF8')), 'hex');

-- Before pg_catalog in a search path, it is what now() means. As the server's own it is stable and no constant: what
-- depends on it is pruned when the query starts, not when it is planned.
CREATE SCHEMA example_clock;
GRANT USAGE ON SCHEMA example_clock TO PUBLIC;
CREATE FUNCTION example_clock.now() RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$ BEGIN RETURN '{moment}'::timestamptz; END $$;
GRANT EXECUTE ON FUNCTION example_clock.now() TO PUBLIC;
