import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import type { Credentials } from "../security/credentials.ts";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { Deployer } from "./deployer.ts";
import { CLIENT_GROUP, DATABASE, DEPLOYER, OWNER, type Service } from "../../lib/names.ts";
import { DEFAULT_PRIVILEGES, INTERNAL_SCHEMAS, schemaUsage } from "./privileges.ts";
import { ROLES } from "./roles.ts";

/** What roles, database and schemas are made with. */
export interface DatabaseAccessArgs {
  /** Where the primary is reached: plain values, so that a replaced container replaces no role. */
  host: string;
  port: number;
  /** The PostgreSQL members, by name. */
  members: Readonly<Record<string, ContainerAddress>>;
  passwords: Credentials;
  /** A file with the certificate of the authority that signed the servers'. */
  authorityFile: pulumi.Input<string>;
  /** Sessions that a login may have at once, by login. */
  connectionLimits: Readonly<Record<string, number>>;
  /** The services whose schemas are made. */
  services: readonly Service[];
  /** Whether the engine refuses to delete roles, database and schemas: they are part of the data. */
  protect: boolean;
  /** Whose deletion takes everything here with it, so that a destroy needs no statement for each role. */
  deletedWith: pulumi.Resource;
}

/** Roles, database, schemas and their usage: what SQL files and clients find in place. */
export class DatabaseAccess extends pulumi.ComponentResource {
  /** The last resource: when it is there, all are. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: DatabaseAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("acgs:roles:DatabaseAccess", name, {}, opts);
    const deployer = new Deployer(
      "deployer",
      { members: args.members, verifier: args.passwords.verifier(DEPLOYER)! },
      { parent: this },
    );
    const provider = new postgresql.Provider(
      "server",
      {
        host: args.host,
        port: args.port,
        username: DEPLOYER,
        password: args.passwords.password(DEPLOYER),
        superuser: false,
        sslmode: "verify-full",
        sslrootcert: args.authorityFile,
        // The configuration keeps 10 connections free for the deployment; the SQL runner takes the others.
        maxConnections: 8,
      },
      // A new password is the role's before it is used.
      { parent: this, dependsOn: deployer },
    );
    // One after the other: grants that run at once fail with "tuple concurrently updated".
    let last: pulumi.Resource = deployer;
    const next = <R extends pulumi.Resource>(make: (opts: pulumi.CustomResourceOptions) => R): R => {
      const made = make({
        parent: this,
        provider,
        deletedWith: args.deletedWith,
        protect: args.protect,
        dependsOn: last,
      });
      last = made;
      return made;
    };

    for (const [role, settings] of Object.entries(ROLES)) {
      const password = settings.login ? args.passwords.verifier(role) : undefined;
      const connectionLimit = args.connectionLimits[role];
      next(
        (o) => new postgresql.Role(`role-${role}`, { name: role, ...settings, password, connectionLimit }, o),
      );
    }
    // What the deployer makes from here on belongs to the owner.
    next((o) => new postgresql.GrantRole("deployer-owner", { role: DEPLOYER, grantRole: OWNER }, o));
    next((o) => new postgresql.Database("database", DATABASE_ARGS, o));
    for (const grant of databaseGrants()) next((o) => new postgresql.Grant(grant.name, grant.args, o));

    // Before anything is made that they are about.
    for (const defaults of DEFAULT_PRIVILEGES) {
      const name = `default-${defaults.objectType}-${defaults.role}`;
      next((o) => new postgresql.DefaultPrivileges(name, { database: DATABASE, ...defaults }, o));
    }

    for (const schema of [...INTERNAL_SCHEMAS, ...args.services.map((s) => s.schema)]) {
      const schemaArgs = { name: schema, database: DATABASE, owner: OWNER };
      next((o) => new postgresql.Schema(`schema-${schema}`, schemaArgs, o));
    }
    for (const { role, schema } of schemaUsage(args.services)) {
      const grantArgs = { database: DATABASE, role, schema, objectType: "schema", privileges: ["USAGE"] };
      next((o) => new postgresql.Grant(`usage-${schema}-${role}`, grantArgs, o));
    }
    this.ready = last;
    this.registerOutputs({});
  }
}

const DATABASE_ARGS: postgresql.DatabaseArgs = {
  name: DATABASE,
  owner: OWNER,
  template: "template0",
  encoding: "UTF8",
  lcCollate: "C.UTF-8",
  lcCtype: "C.UTF-8",
};

/** Only members of the group may connect: PUBLIC may nothing. */
function databaseGrants(): { name: string; args: postgresql.GrantArgs }[] {
  const grant = (role: string, privileges: string[]) => ({
    name: `database-${role}`,
    args: { database: DATABASE, role, objectType: "database", privileges },
  });
  return [grant("public", []), grant(CLIENT_GROUP, ["CONNECT"])];
}
