-- The one place that knows which constitutional hashes are valid. Tables of all schemas name this function in a
-- check constraint, so a new constitution is one more value here, and no table is locked or read for it.
-- Values are only ever added: rows keep the hash of the constitution under which they were written.

CREATE OR REPLACE FUNCTION platform.is_constitutional_hash(hash text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
STRICT
PARALLEL SAFE
RETURN hash IN ('cdd01ef066bc6cf2');

COMMENT ON FUNCTION platform.is_constitutional_hash(text) IS
'Whether a hash is that of a constitution of ACGS, in force or past.';
