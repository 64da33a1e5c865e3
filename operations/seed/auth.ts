import { DAY, HOUR, MINUTE } from "./clock.ts";
import { json, NULL, score, time, yesNo } from "./copyText.ts";
import type { Dataset, TableData } from "./dataset.ts";
import { Choice, zipf } from "./distribution.ts";
import {
  ACTIONS,
  address,
  FIRST_NAMES,
  LAST_NAMES,
  RESOURCES,
  titleCase,
  USER_AGENTS,
} from "./vocabulary.ts";

const ROLES = [
  ...["citizen", "policy_author", "policy_reviewer", "council_member", "auditor", "verifier"],
  ...["operator", "service_account", "data_steward", "security_officer", "analyst", "administrator"],
];
const PROVIDERS = new Choice({ github: 45, google: 30, azure_ad: 20, okta: 5 });
const SECOND_FACTORS = new Choice({ totp: 60, webauthn: 25, recovery_code: 15 });
const AUDITED = new Choice({
  login: 46,
  logout: 21,
  "token.refresh": 20,
  "password.change": 3,
  "mfa.verify": 5,
  "role.grant": 2,
  "role.revoke": 1,
  "user.update": 2,
});
const EVENTS = new Choice({
  login_failed: 62,
  mfa_failed: 12,
  login_from_new_address: 14,
  account_locked: 5,
  permission_denied: 5,
  revoked_token_used: 2,
});
const EVENT_SEVERITY: Record<string, [string, number]> = {
  login_failed: ["low", 0.2],
  mfa_failed: ["medium", 0.4],
  login_from_new_address: ["info", 0.15],
  account_locked: ["high", 0.65],
  permission_denied: ["medium", 0.35],
  revoked_token_used: ["critical", 0.9],
};

/** The nth user's name, and the hash of the nth session's token: what a log-in and a request are looked up by. */
export const userName = (set: Dataset, i: number): string => {
  const random = set.random("auth.users.name").at(i);
  return `${random.pick(FIRST_NAMES)}.${random.pick(LAST_NAMES)}.${set.tag}-${i}`;
};
export const sessionTokenHash = (set: Dataset, i: number): string =>
  set.keys("auth.sessions.token").hex(i, 256);

const permissionName = (set: Dataset, i: number): string =>
  `${RESOURCES[i % RESOURCES.length]}:${ACTIONS[Math.floor(i / RESOURCES.length) % ACTIONS.length]}.${set.tag}`;

export const permissions: TableData = {
  name: "auth.permissions",
  columns: ["id", "name", "resource", "action", "description", "created_at", "updated_at"],
  rows(set) {
    const keys = set.keys("auth.permissions");
    const made = time(set.start - 400 * DAY);
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        const resource = RESOURCES[i % RESOURCES.length]!;
        const action = ACTIONS[Math.floor(i / RESOURCES.length) % ACTIONS.length]!;
        const what = `May ${action} what is a ${resource.replace("_", " ")}.`;
        return `${keys.uuid(i)}\t${permissionName(set, i)}\t${resource}.${set.tag}\t${action}\t${what}\t${made}\t${made}`;
      },
    };
  },
};

export const roles: TableData = {
  name: "auth.roles",
  columns: ["id", "name", "description", "permissions", "created_at", "updated_at"],
  needs: ["auth.permissions"],
  rows(set) {
    const keys = set.keys("auth.roles");
    const made = time(set.start - 390 * DAY);
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        const step = ROLES.length - i; // the later in the list, the more it may do
        const held: string[] = [];
        for (let p = i; p < set.counts["auth.permissions"]; p += step) held.push(permissionName(set, p));
        const what = `Those who work as ${ROLES[i]!.replace("_", " ")}.`;
        return `${keys.uuid(i)}\t${ROLES[i]}.${set.tag}\t${what}\t${json(held)}\t${made}\t${made}`;
      },
    };
  },
};

export const users: TableData = {
  name: "auth.users",
  columns: [
    ...[
      "id",
      "username",
      "email",
      "password_hash",
      "display_name",
      "is_active",
      "email_verified",
      "mfa_enabled",
    ],
    ...[
      "failed_login_attempts",
      "last_login_at",
      "password_changed_at",
      "profile",
      "created_at",
      "updated_at",
    ],
  ],
  rows(set) {
    const keys = set.keys("auth.users");
    const random = set.random("auth.users");
    const count = set.counts["auth.users"];
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        const name = userName(set, i);
        random.at(i);
        const made = set.start - (1 - i / count) * 700 * DAY;
        const seen = set.until - Math.min(set.until - made, random.skewed(20 * HOUR, 1.5));
        const hash = random.chance(0.9)
          ? `$argon2id$v=19$m=65536,t=3,p=4$${keys.hex(i, 64)}$${keys.hex(i, 256)}`
          : NULL;
        const locale = random.pick(["en", "de", "fr", "es", "pt", "ja"]);
        return (
          `${keys.uuid(i)}\t${name}\t${name}@example.org\t${hash}\t${titleCase(name.slice(0, name.lastIndexOf(".")))}` +
          `\t${yesNo(random.chance(0.96))}\t${yesNo(random.chance(0.92))}\t${yesNo(random.chance(0.35))}` +
          `\t${random.chance(0.05) ? random.between(1, 4) : 0}\t${time(Math.floor(seen))}` +
          `\t${time(Math.floor(made + (seen - made) * random.unit()))}\t{"locale":"${locale}"}` +
          `\t${time(Math.floor(made))}\t${time(Math.floor(seen))}`
        );
      },
    };
  },
};

export const userRoles: TableData = {
  name: "auth.user_roles",
  columns: ["user_id", "role_id", "granted_by", "created_at", "updated_at"],
  key: { user_id: "uuid", role_id: "uuid" },
  needs: ["auth.users", "auth.roles"],
  rows(set) {
    const random = set.random("auth.user_roles");
    const user = (i: number) => set.keys("auth.users").uuid(i % set.counts["auth.users"]);
    const role = (i: number) => {
      // Those that may do less are held by more; a user's second role is another one than the first.
      const first = Math.floor(
        random.at(i % set.counts["auth.users"]).unit() ** 2 * set.counts["auth.roles"],
      );
      const round = Math.floor(i / set.counts["auth.users"]);
      return set.keys("auth.roles").uuid((first + round) % set.counts["auth.roles"]);
    };
    return {
      key: (i) => [user(i), role(i)],
      row(i) {
        const granted = time(Math.floor(set.start - (1 - random.at(~i).unit()) * 300 * DAY));
        const by = set.keys("auth.users").uuid(random.below(Math.min(10, set.counts["auth.users"])));
        return `${user(i)}\t${role(i)}\t${random.chance(0.8) ? by : NULL}\t${granted}\t${granted}`;
      },
    };
  },
};

export const sessions: TableData = {
  name: "auth.sessions",
  columns: [
    ...["id", "user_id", "token_hash", "is_active", "mfa_verified", "ip_address", "user_agent"],
    ...["created_at", "last_activity_at", "expires_at"],
  ],
  needs: ["auth.users"],
  rows(set) {
    const keys = set.keys("auth.sessions");
    const random = set.random("auth.sessions");
    const count = set.counts["auth.sessions"];
    const user = zipf(set.counts["auth.users"]);
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        // None has expired: such are deleted within minutes.
        const begun = Math.floor(set.until - (1 - (i + random.unit()) / count) * 14 * DAY);
        const used = Math.floor(begun + (set.until - begun) * random.unit());
        return (
          `${keys.uuid(i)}\t${set.keys("auth.users").uuid(user.index(random.unit()))}\t${sessionTokenHash(set, i)}` +
          `\t${yesNo(random.chance(0.94))}\t${yesNo(random.chance(0.35))}\t${address(random)}\t${random.pick(USER_AGENTS)}` +
          `\t${time(begun)}\t${time(used)}\t${time(begun + 30 * DAY)}`
        );
      },
    };
  },
};

export const oauthTokens: TableData = {
  name: "auth.oauth_tokens",
  columns: [
    ...["id", "user_id", "provider", "provider_account_id", "token", "refresh_token", "scopes"],
    ...["expires_at", "refresh_expires_at", "created_at", "updated_at"],
  ],
  needs: ["auth.users"],
  rows(set) {
    const keys = set.keys("auth.oauth_tokens");
    const random = set.random("auth.oauth_tokens");
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const user = random.below(set.counts["auth.users"]);
        const made = set.until - random.below(20 * DAY);
        return (
          `${keys.uuid(i)}\t${set.keys("auth.users").uuid(user)}\t${PROVIDERS.at(random.unit())}\t${set.tag}-${i}` +
          `\tenc:v1:${keys.hex(i, 256)}\tenc:v1:${keys.hex(~i, 256)}\t["openid","profile","email"]` +
          `\t${time(made + HOUR)}\t${time(made + 60 * DAY)}\t${time(made)}\t${time(made)}`
        );
      },
    };
  },
};

export const mfaTokens: TableData = {
  name: "auth.mfa_tokens",
  columns: [
    ...[
      "id",
      "user_id",
      "method",
      "secret",
      "label",
      "confirmed_at",
      "last_used_at",
      "created_at",
      "updated_at",
    ],
  ],
  needs: ["auth.users"],
  rows(set) {
    const keys = set.keys("auth.mfa_tokens");
    const random = set.random("auth.mfa_tokens");
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const made = set.start - random.below(200 * DAY);
        const used = set.until - random.below(20 * DAY);
        return (
          `${keys.uuid(i)}\t${set.keys("auth.users").uuid(random.below(set.counts["auth.users"]))}` +
          `\t${SECOND_FACTORS.at(random.unit())}\tenc:v1:${keys.hex(i, 256)}\t${random.pick(["phone", "key", "laptop"])}` +
          `\t${time(made + 2 * MINUTE)}\t${time(used)}\t${time(made)}\t${time(used)}`
        );
      },
    };
  },
};

export const auditLogs: TableData = {
  name: "auth.audit_logs",
  columns: [
    ...["id", "timestamp", "user_id", "session_id", "action", "resource_type", "resource_id", "outcome"],
    ...["ip_address", "user_agent", "request_id", "details"],
  ],
  key: { id: "bigint" },
  rows(set) {
    const random = set.random("auth.audit_logs");
    const count = set.counts["auth.audit_logs"];
    const users = set.keys("auth.users");
    const user = zipf(set.counts["auth.users"]);
    return {
      key: (i) => [String(set.number(i))],
      row(i) {
        random.at(i);
        const action = AUDITED.at(random.unit());
        const who = users.uuid(user.index(random.unit()));
        const session = set.keys("auth.sessions.past").uuid(random.bits());
        const isOfRole = action.startsWith("role.");
        const onWhat = isOfRole ? set.keys("auth.roles").uuid(random.below(set.counts["auth.roles"])) : who;
        const outcome = random.chance(0.95) ? "success" : random.chance(0.7) ? "failure" : "denied";
        return (
          `${set.number(i)}\t${time(set.office.at((i + random.unit()) / count))}\t${who}\t${session}\t${action}` +
          `\t${isOfRole ? "role" : "user"}\t${onWhat}\t${outcome}\t${address(random)}\t${random.pick(USER_AGENTS)}` +
          `\treq-${set.keys("request").hex(random.bits(), 64)}\t{"method":"${random.pick(["password", "oauth", "token"])}"}`
        );
      },
    };
  },
};

export const securityEvents: TableData = {
  name: "auth.security_events",
  columns: [
    ...["id", "timestamp", "user_id", "event_type", "severity", "risk_score", "source_service"],
    ...["ip_address", "user_agent", "description", "details"],
  ],
  key: { id: "bigint" },
  rows(set) {
    const random = set.random("auth.security_events");
    const count = set.counts["auth.security_events"];
    const user = zipf(set.counts["auth.users"]);
    return {
      key: (i) => [String(set.number(i))],
      row(i) {
        random.at(i);
        const type = EVENTS.at(random.unit());
        const [severity, risk] = EVENT_SEVERITY[type]!;
        const who = random.chance(0.85) ? set.keys("auth.users").uuid(user.index(random.unit())) : NULL;
        return (
          `${set.number(i)}\t${time(set.office.at((i + random.unit()) / count))}\t${who}\t${type}\t${severity}` +
          `\t${score(risk + 0.07 * random.normal())}\t${random.chance(0.8) ? NULL : "pgc_service"}\t${address(random)}` +
          `\t${random.pick(USER_AGENTS)}\t${titleCase(type)}\t{"attempts":${random.between(1, 6)}}`
        );
      },
    };
  },
};

/** The tables of `auth` that are filled, each after those it references. */
export const AUTH_TABLES = [
  ...[permissions, roles, users, userRoles, sessions, oauthTokens, mfaTokens, auditLogs, securityEvents],
];
