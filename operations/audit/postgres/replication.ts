import { REPLICATION_LOGIN } from "../../../lib/names.ts";
import { type Control, fineIf, judge, listed, notApplicable, POSTGRESQL } from "../control.ts";
import type { Facts } from "../facts.ts";
import { parametersAre } from "./settings.ts";

const NO_BACKUPS = "this version of the program makes no backups: replicas are no substitute (SECURITY.md)";

export const REPLICATION: readonly Control[] = [
  {
    id: "7.1",
    title: "A login for replication only",
    benchmark: POSTGRESQL,
    check: ({ members }: Facts) =>
      judge(
        members,
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
  },
  parametersAre("7.2", "Replication commands are logged", { log_replication_commands: "on" }),
  notApplicable(POSTGRESQL, "7.3", "Base backups", NO_BACKUPS),
  notApplicable(POSTGRESQL, "7.4", "Archiving of WAL", NO_BACKUPS),
  {
    id: "7.5",
    title: "Streaming replication is set up safely",
    benchmark: POSTGRESQL,
    check: ({ members }: Facts) =>
      judge(
        members,
        ({ inRecovery, upstreamSslMode, replicas, settings }) => {
          const plain = replicas.filter(({ tls }) => !tls).map(({ name }) => name);
          if (plain.length > 0) return ["wrong", `streams in plain to ${listed(plain)}`];
          if (settings["wal_level"] !== "replica" && settings["wal_level"] !== "logical")
            return ["wrong", `wal_level=${settings["wal_level"] ?? "unknown"}`];
          if (inRecovery)
            return fineIf(
              upstreamSslMode === "verify-full",
              `follows by sslmode=${upstreamSslMode ?? "none"}`,
            );
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
  },
];
