import { SUPERUSER, SUPERUSER_LIKE_ROLES } from "../../lib/names.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import type { ResourceRule } from "../rule.ts";
import { mapping, texts } from "../values.ts";

/** What a verifier looks like that PostgreSQL stores as it is (RFC 5802). */
const VERIFIER = /^SCRAM-SHA-256\$\d+:[^$]+\$[^:]+:.+$/;

/** Who may log in, and as what. */
export const LOGIN_RULES: readonly ResourceRule[] = [
  {
    name: "no-superuser",
    description: "No role of the application or of a service is a superuser, or can become one.",
    remedy: "take it out of components/roles/privileges.ts; grant what is needed by name",
    types: [TYPE.role],
    faults: ({ args: { superuser, roles } }) => [
      ...(superuser === true ? ["is a superuser"] : []),
      ...texts(roles)
        .filter((role) => SUPERUSER_LIKE_ROLES.includes(role))
        .map((role) => `is a member of ${role}, which is as good as a superuser`),
    ],
  },
  {
    name: "no-superuser-login",
    description: "The superuser logs in over no network: roles and grants are made by a login of their own.",
    remedy:
      "let the provider log in as acgs_deployer; what takes a superuser goes over a member's local socket",
    types: [TYPE.postgresqlProvider],
    faults: ({ args: { username } }) =>
      // The provider logs in as the superuser where the name is left out.
      username === undefined || username === SUPERUSER ? [`logs in as ${SUPERUSER}`] : [],
  },
  {
    name: "no-superuser-pool",
    description: "No pool connects as the superuser.",
    remedy: "let the pool connect as the service's own login",
    types: [TYPE.pools],
    faults: ({ args: { pools } }) =>
      Object.entries(mapping(pools))
        .filter(([name, pool]) => name === SUPERUSER || mapping(pool)["user"] === SUPERUSER)
        .map(([name]) => `lets clients of the pool ${name} be ${SUPERUSER}`),
  },
  {
    name: "password-verifier",
    description:
      "A role gets the verifier of its password, so that no statement or log of the server holds the password.",
    remedy: "hand it `Accounts.verifier(…)`, not `password(…)`",
    types: [TYPE.role],
    faults: ({ args: { password } }) =>
      typeof password === "string" && password !== "" && !VERIFIER.test(password)
        ? ["gets its password in plain text"]
        : [],
  },
];
