import type * as pulumi from "@pulumi/pulumi";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { running } from "../../lib/docker/containers.ts";
import { messageOf } from "../../lib/errors.ts";
import { DATABASE } from "../../lib/names.ts";
import { inSession } from "../../lib/postgres/session.ts";
import { nothingMissing, waitFor } from "../../lib/wait.ts";

interface Inputs {
  members: Record<string, ContainerAddress>;
  /** SCRAM-SHA-256 verifiers by login. */
  verifiers: Record<string, string>;
}

/** A replica that gets reads is 16 MB of WAL behind at most; one that replays for longer is reported. In ms. */
const KNOWN_WITHIN = 60_000;
const POLL = 200;
const ANSWERS_WITHIN = 5_000;

/** What PgBouncer asks, for each login. Parameter: an object of verifiers. */
const UNKNOWN = `
  SELECT wanted.key AS login
  FROM json_each_text($1::json) AS wanted
    LEFT JOIN LATERAL pgbouncer.get_auth(wanted.key) AS found ON true
  WHERE found.passwd IS DISTINCT FROM wanted.value
  ORDER BY login`;

/** A server that is stopped or still starts: HAProxy sends nobody there, and it catches up before it takes connections again. */
const AWAY = new Set(["ECONNREFUSED", "57P03"]);

/** The logins that a member does not know yet, in words; undefined where it knows all. @throws what `pg` throws */
async function unknownTo(
  name: string,
  member: ContainerAddress,
  verifiers: Inputs["verifiers"],
): Promise<string | undefined> {
  const limits = { connectWithinMs: ANSWERS_WITHIN, answerWithinMs: ANSWERS_WITHIN };
  const ask = { member, database: DATABASE };
  const rows = await inSession(
    ask,
    async (client) => (await client.query<{ login: string }>(UNKNOWN, [JSON.stringify(verifiers)])).rows,
    { ...limits, applicationName: "acgs-db logins" },
  );
  if (rows.length === 0) return undefined;
  return `${name} does not have the passwords of ${rows.map(({ login }) => login).join(", ")} yet`;
}

async function untilKnown({ members, verifiers }: Inputs): Promise<void> {
  const look = async () => {
    const alive = await running(Object.entries(members).map(([name, address]) => ({ name, ...address })));
    const found = await Promise.all(
      alive.map(async ({ name, ...member }) => {
        try {
          return { missing: await unknownTo(name, member, verifiers) };
        } catch (error) {
          if (AWAY.has((error as { code?: string }).code ?? "")) return undefined;
          return { missing: `${name}: ${messageOf(error)}` };
        }
      }),
    );
    const asked = found.filter((one) => one !== undefined);
    if (asked.length === 0) return nothingMissing("no member takes connections");
    const missing = asked.flatMap((one) => one.missing ?? []);
    return nothingMissing(missing.length > 0 ? missing.join("; ") : undefined);
  };
  await waitFor(look, {
    within: KNOWN_WITHIN,
    every: POLL,
    what: "all PostgreSQL members to let in the logins of this update",
    remedy:
      "PgBouncer looks logins up on a replica, so it may refuse them until that has caught up; those of before go on. " +
      "See `npm run report`, and run up again.",
  });
}

export const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
  async create(inputs) {
    await untilKnown(inputs);
    return { id: "logins-in-force", outs: inputs };
  },
  async update(_id, _olds, news) {
    await untilKnown(news);
    return { outs: news };
  },
};
