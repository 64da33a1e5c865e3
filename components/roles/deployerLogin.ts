import pg from "pg";

/** What the deployer's login is made of. */
export interface DeployerLogin {
  login: string;
  /** SCRAM-SHA-256, of its password. */
  verifier: string;
}

/**
 * What makes the login, and gives it back what it should have where it is there already. A verifier is a literal, since
 * PostgreSQL takes no parameters here.
 */
export function deployerStatements({ login, verifier }: DeployerLogin): string[] {
  const name = pg.escapeIdentifier(login);
  return [
    `DO $$ BEGIN CREATE ROLE ${name}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
    `ALTER ROLE ${name} LOGIN NOSUPERUSER CREATEROLE CREATEDB NOREPLICATION NOBYPASSRLS INHERIT CONNECTION LIMIT -1 ` +
      `VALID UNTIL 'infinity' PASSWORD ${pg.escapeLiteral(verifier)}`,
  ];
}

/** Whether a row of `pg_authid` is as {@link deployerStatements} leave it, but for the password. An SQL expression. */
export const isDeployer =
  "(rolcanlogin AND rolcreaterole AND rolcreatedb AND rolinherit AND rolconnlimit = -1 AND NOT rolsuper " +
  "AND NOT rolreplication AND NOT rolbypassrls AND COALESCE(rolvaliduntil = 'infinity', true))";
