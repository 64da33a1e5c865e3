import { type Control, fineIf, judge, listed, noneOf, type Look, ofMembers, POSTGRESQL } from "../control.ts";
import type { AccessRule, AuditedMember, Facts } from "../facts.ts";
import { openBindings } from "../docker/ports.ts";
import { limitedLogins, superusersOf } from "./access.ts";
import { shown } from "./settings.ts";

const text = ({ type, databases, users, address, method }: AccessRule): string =>
  [type, databases.join(","), users.join(","), address, method].filter(Boolean).join(" ");

const isHost = ({ type }: AccessRule): boolean => type.startsWith("host");
const accepts = ({ method }: AccessRule): boolean => method !== "reject";
const acceptsHosts = (rule: AccessRule): boolean => isHost(rule) && accepts(rule);
const everywhere = ({ address, netmask }: AccessRule): boolean =>
  address === "all" || netmask === "0.0.0.0" || netmask === "::";

/** Lines that are not as they should be. */
function faulty(
  member: AuditedMember,
  of: (rule: AccessRule) => boolean,
  fine: (rule: AccessRule) => boolean,
): Look {
  const rules = member.accessRules.filter(of);
  const wrong = rules.filter((rule) => !fine(rule));
  return wrong.length > 0 ? ["wrong", wrong.map(text).join("; ")] : ["fine", rules.map(text).join("; ")];
}

/**
 * The line that accepts a role from another machine, if one does. The first line that fits decides; one that refuses the
 * role everywhere ends the search, of others it cannot be told what they leave.
 */
export function admitsFromOutside(rules: readonly AccessRule[], role: string, groups: readonly string[]) {
  const fits = ({ users }: AccessRule) =>
    users.some(
      (user) => user === "all" || user === role || (user.startsWith("+") && groups.includes(user.slice(1))),
    );
  for (const rule of rules) {
    if (!isHost(rule) || !fits(rule)) continue;
    if (accepts(rule)) return rule;
    if (rule.type === "host" && rule.databases.includes("all") && everywhere(rule)) return undefined;
  }
  return undefined;
}

function endsInRejection(rules: readonly AccessRule[]): boolean {
  const last = rules.filter(isHost).at(-1);
  return (
    last !== undefined &&
    !accepts(last) &&
    last.type === "host" &&
    last.databases.includes("all") &&
    last.users.includes("all") &&
    everywhere(last)
  );
}

/** Bits of a netmask such as `255.255.0.0` or `ffff:ffff::`. */
function bitsOf(netmask: string): number {
  if (netmask.includes(":"))
    return (netmask.match(/[0-9a-f]/gi) ?? []).filter((digit) => digit.toLowerCase() === "f").length * 4;
  return netmask
    .split(".")
    .reduce((sum, part) => sum + (Number(part).toString(2).match(/1/g) ?? []).length, 0);
}

/** Ranges wider than these are no single network any more. */
const LEAST_BITS = { v4: 16, v6: 64 };

function narrow({ address, netmask }: AccessRule): boolean {
  if (address === "samenet" || address === "samehost") return true;
  if (address === "all" || address === undefined) return false;
  if (netmask === undefined) return true; // a name of one host
  return bitsOf(netmask) >= (netmask.includes(":") ? LEAST_BITS.v6 : LEAST_BITS.v4);
}

export const LOGIN: readonly Control[] = [
  {
    id: "5.1",
    title: "No passwords on a command line",
    benchmark: POSTGRESQL,
    check: ({ containers }) =>
      judge(
        containers,
        ({ inspected: { Path, Args } }) => {
          const named = [Path, ...Args].some((arg) =>
            /pass(word|wd)?[= ]|:\/\/[^/@\s]*:[^/@\s]+@/i.test(arg),
          );
          return fineIf(!named, named ? "an argument looks like a password" : "none");
        },
        { fine: "containers get passwords in files", wrong: "passwords show in the list of processes" },
      ),
  },
  {
    id: "5.2",
    title: "Bound to an address",
    benchmark: POSTGRESQL,
    check: (facts: Facts) =>
      judge(
        facts.containers.filter(({ name }) =>
          facts.members.some((member) => name.endsWith(`-${member.name}`)),
        ),
        ({ inspected }) => {
          return noneOf(openBindings(inspected), "published on given addresses only");
        },
        {
          fine: "inside of the container listen_addresses is the stack's network; the host publishes on given addresses",
          wrong: "the host publishes PostgreSQL on all of its addresses",
        },
      ),
  },
  ofMembers(
    "5.3",
    "Login by the local socket",
    (member) =>
      faulty(
        member,
        ({ type }) => type === "local",
        ({ method }) => ["peer", "scram-sha-256", "reject"].includes(method),
      ),
    { fine: "peer and SCRAM", wrong: "a method that proves nothing or shows the password" },
  ),
  ofMembers(
    "5.4",
    "Login over TCP/IP",
    (member) => {
      const look = faulty(member, isHost, ({ method }) =>
        ["scram-sha-256", "cert", "gss", "reject"].includes(method),
      );
      return look[0] === "fine" && !endsInRejection(member.accessRules)
        ? ["wrong", "the last line does not refuse all others"]
        : look;
    },
    {
      fine: "SCRAM, internal accounts by certificates, and all others are refused",
      wrong: "a method that proves nothing or shows the password, or no refusal at the end",
    },
  ),
  ofMembers(
    "5.5",
    "Limits of connections for each login",
    (member) => {
      const without = limitedLogins(member).filter(({ connectionLimit }) => connectionLimit < 0);
      return fineIf(
        without.length === 0,
        without.length === 0 ? "each has one" : `without: ${without.length} logins`,
      );
    },
    {
      fine: "each login of clients has a limit",
      wrong: "PgBouncer limits each pool, but a login may open any number of connections to a member itself",
    },
  ),
  ofMembers(
    "5.7",
    "Timeout and delay of authentication",
    (member) => {
      const seconds = Number(member.settings["authentication_timeout"] ?? Number.NaN);
      const delays = (member.settings["shared_preload_libraries"] ?? "").includes("auth_delay");
      const seen = `${shown(member, "authentication_timeout")} s, auth_delay ${delays ? "loaded" : "not loaded"}`;
      return [seconds > 60 || Number.isNaN(seconds) ? "wrong" : delays ? "fine" : "excused", seen];
    },
    {
      fine: "as recommended",
      excused:
        "the timeout is as recommended; no auth_delay: it holds connections, and passwords of this length are not guessed",
      wrong: "more than 60 s to log in",
    },
  ),
  ofMembers(
    "5.8",
    "Clients use TLS",
    (member) => {
      const [is, seen] = faulty(member, acceptsHosts, ({ type }) => type === "hostssl");
      return member.settings["ssl"] === "on" ? [is, seen] : ["wrong", "ssl=off"];
    },
    { fine: "every line that accepts a login asks for TLS", wrong: "plain connections are accepted" },
  ),
  ofMembers("5.9", "Ranges of addresses are not too wide", (member) => faulty(member, acceptsHosts, narrow), {
    fine: "only from the stack's own network",
    wrong: "wider than one network",
  }),
  ofMembers(
    "5.10",
    "Lines name database and users",
    (member) =>
      faulty(
        member,
        acceptsHosts,
        ({ databases, users }) => !databases.includes("all") && !users.includes("all"),
      ),
    { fine: "each line names them", wrong: "lines accept every login, or lead to every database" },
  ),
  ofMembers(
    "5.11",
    "Superusers do not log in from elsewhere",
    (member) => {
      const ways = superusersOf(member)
        .filter(({ canLogin }) => canLogin)
        .flatMap(({ name, memberOf }) => {
          const rule = admitsFromOutside(member.accessRules, name, memberOf);
          return rule ? [`${name} by "${text(rule)}"`] : [];
        });
      return noneOf(ways, "by the local socket only");
    },
    { fine: "only in the member's own container", wrong: "a line accepts a superuser from elsewhere" },
  ),
  ofMembers(
    "5.12",
    "Passwords are kept as SCRAM verifiers",
    (member) => {
      const others = member.roles.filter(({ verifier }) => verifier === "other").map(({ name }) => name);
      return fineIf(
        member.settings["password_encryption"] === "scram-sha-256" && others.length === 0,
        `${shown(member, "password_encryption")}; kept otherwise: ${listed(others)}`,
      );
    },
    { fine: "all of them, and new ones", wrong: "new passwords or those of these logins are kept otherwise" },
  ),
];
