import { REPLICATION_LOGIN } from "../../../lib/names.ts";
import { type Control, fineIf, listed, ofMembers } from "../control.ts";
import { parametersAre } from "./settings.ts";

export const REPLICATION: readonly Control[] = [
  ofMembers(
    "7.1",
    "A login for replication only",
    ({ roles, replicas }) => {
      const role = roles.find(({ name }) => name === REPLICATION_LOGIN);
      const pure =
        role !== undefined &&
        role.replication &&
        !role.superuser &&
        !role.createRole &&
        !role.createDatabase &&
        role.memberOf.length === 0;
      const others = replicas.filter(({ user }) => user !== REPLICATION_LOGIN);
      return fineIf(
        pure && others.length === 0,
        pure
          ? `others that replicate: ${listed(others.map(({ user }) => user))}`
          : `${REPLICATION_LOGIN} is missing or can do more`,
      );
    },
    {
      fine: `${REPLICATION_LOGIN} replicates and does nothing else`,
      wrong: "replication by another login",
    },
  ),
  parametersAre("7.2", "Replication commands are logged", { log_replication_commands: "on" }),
  ofMembers(
    "7.5",
    "Streaming replication is set up safely",
    ({ inRecovery, upstreamSslMode, replicas, settings }) => {
      const plain = replicas.filter(({ tls }) => !tls).map(({ name }) => name);
      if (plain.length > 0) return ["wrong", `streams in plain to ${listed(plain)}`];
      if (settings["wal_level"] !== "replica" && settings["wal_level"] !== "logical")
        return ["wrong", `wal_level=${settings["wal_level"] ?? "unknown"}`];
      if (inRecovery)
        return fineIf(upstreamSslMode === "verify-full", `follows by sslmode=${upstreamSslMode ?? "none"}`);
      return [
        "fine",
        `streams over TLS to ${listed(
          replicas.map(({ name }) => name),
          "nobody",
        )}`,
      ];
    },
    {
      fine: "over TLS, the primary's certificate checked",
      wrong: "in plain, or without a check of the certificate",
    },
  ),
];
