-- What the schemas of all services share: the constitutional hash and the upkeep of monthly partitions.
-- acgs_owner owns the database, so it may create this schema itself.

CREATE SCHEMA IF NOT EXISTS platform;

COMMENT ON SCHEMA platform IS 'Shared by the schemas of all services: constitutional hash, partition upkeep.';

-- Every client login is a member of acgs_client. What a client may do here is granted object by object.
GRANT USAGE ON SCHEMA platform TO acgs_client;
