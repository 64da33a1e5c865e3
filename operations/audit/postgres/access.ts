import {
  DEPLOYER,
  LOGIN_ACCOUNTS,
  INTERNAL_LOGINS,
  REPLICATION_LOGIN,
  SUPERUSER,
  SUPERUSER_LIKE_ROLES,
  ROTATION_LOGINS,
} from "../../../lib/names.ts";
import { type Control, fineIf, listed, noneOf, ofMembers, POSTGRESQL } from "../control.ts";
import type { AuditedMember, Role } from "../facts.ts";

/** Logins of the program that have no password: jobs of pg_cron run as them. */
const JOB_LOGINS = ["acgs_upkeep"];

export const superusersOf = ({ roles }: AuditedMember): Role[] => roles.filter(({ superuser }) => superuser);

/** `acgs_user CREATEROLE`: rights of administration where none belong. */
function excessiveRights({ roles }: AuditedMember): string[] {
  return roles.flatMap((role) => {
    if (role.superuser) return role.name === "postgres" ? [] : [`${role.name} SUPERUSER`];
    return [
      ...(role.createRole && role.name !== DEPLOYER ? [`${role.name} CREATEROLE`] : []),
      ...(role.createDatabase && role.name !== DEPLOYER ? [`${role.name} CREATEDB`] : []),
      ...(role.bypassRls ? [`${role.name} BYPASSRLS`] : []),
      ...(role.replication && role.name !== REPLICATION_LOGIN ? [`${role.name} REPLICATION`] : []),
    ];
  });
}

function unknownLogins({ roles }: AuditedMember): string[] {
  const known = new Set([
    ...LOGIN_ACCOUNTS,
    ...ROTATION_LOGINS,
    ...INTERNAL_LOGINS,
    ...JOB_LOGINS,
    SUPERUSER,
  ]);
  return roles.filter(({ name, canLogin }) => canLogin && !known.has(name)).map(({ name }) => name);
}

/** Logins that are no superusers and can become one. */
function becomeSuperuser(member: AuditedMember): string[] {
  const superusers = new Set(superusersOf(member).map(({ name }) => name));
  return member.roles
    .filter(({ superuser, memberOf }) => !superuser && memberOf.some((one) => superusers.has(one)))
    .map(({ name }) => name);
}

export const ACCESS: readonly Control[] = [
  ofMembers("4.2", "sudo", ({ files }) => fineIf(!files.sudo, files.sudo ? "sudo" : "no sudo"), {
    fine: "sudo is not in the container, and no process can gain rights",
    wrong: "sudo is in the container",
  }),
  ofMembers(
    "4.3",
    "No administrative rights beyond need",
    (member) => noneOf(excessiveRights(member), "no role"),
    {
      fine: "postgres alone administers, acgs_deployer makes roles and the database, replicator replicates",
      wrong: "take these rights away",
    },
  ),
  ofMembers(
    "4.4",
    "No logins that nobody uses",
    (member) => noneOf(unknownLogins(member), "no unknown login"),
    {
      fine: "all logins are the program's own",
      wrong: "logins that the program does not know: drop or lock them",
    },
  ),
  ofMembers(
    "4.5",
    "No rights on functions beyond need",
    ({ publicDefiners }) => noneOf(publicDefiners, "none for PUBLIC"),
    {
      fine: "no function with its owner's rights may be called by everybody",
      wrong: "everybody may call functions that have their owner's rights",
    },
  ),
  ofMembers(
    "4.6",
    "No rights to change data beyond need",
    ({ publicWrites, owningLogins }) =>
      fineIf(
        publicWrites.length + owningLogins.length === 0,
        `PUBLIC: ${listed(publicWrites)}; logins that own tables: ${listed(owningLogins)}`,
      ),
    { fine: "PUBLIC changes nothing, and no login owns a table", wrong: "see evidence" },
  ),
  {
    id: "4.7",
    title: "Row-level security",
    benchmark: POSTGRESQL,
    check: ({ members }) => ({
      result: "not applicable",
      reason:
        "services are kept apart by schemas and grants; which rows belong to whom the application knows",
      evidence: `with row security: ${listed([...new Set(members.flatMap(({ rowSecurity }) => rowSecurity))])}`,
    }),
  },
  ofMembers(
    "4.8",
    "set_user for superusers",
    (member) => {
      const able = becomeSuperuser(member);
      return able.length === 0 ? ["excused", "no login is a member of a superuser"] : ["wrong", listed(able)];
    },
    {
      fine: "",
      excused:
        "set_user guards how people become superusers: here the superuser has no log-in, and acgs_deployer, which may create roles, is the internal accounts'",
      wrong: "logins can become superusers, unguarded",
    },
  ),
  ofMembers(
    "4.9",
    "Predefined roles are made use of",
    ({ roles }) => {
      const holders = (wanted: readonly string[], login: boolean) =>
        roles
          .filter(
            ({ name, canLogin, superuser }) => !superuser && canLogin === login && !name.startsWith("pg_"),
          )
          .flatMap(({ name, memberOf }) =>
            memberOf.filter((one) => wanted.includes(one)).map((one) => `${name} is ${one}`),
          );
      const far = holders(SUPERUSER_LIKE_ROLES, true);
      const seen = [...holders(["pg_monitor"], true), ...holders(SUPERUSER_LIKE_ROLES, false)];
      return fineIf(far.length === 0, listed(far.length === 0 ? seen : far));
    },
    {
      fine: "for monitoring; no login, by itself or by another role, reaches every row or file",
      wrong: "these logins reach every row, file or program",
    },
  ),
  ofMembers(
    "4.10",
    "The schema public is protected",
    ({ publicSchemaOpen }) =>
      fineIf(!publicSchemaOpen, publicSchemaOpen ? "PUBLIC has CREATE" : "PUBLIC has no CREATE"),
    { fine: "nobody but the database's owner creates there", wrong: "everybody may create there" },
  ),
];

/** Logins of which each connection is one of a client, without those that the pooler and internal accounts need. */
export function limitedLogins({ roles }: AuditedMember): Role[] {
  const internal = new Set([SUPERUSER, ...INTERNAL_LOGINS, ...JOB_LOGINS]);
  return roles.filter(({ name, canLogin, superuser }) => canLogin && !superuser && !internal.has(name));
}
