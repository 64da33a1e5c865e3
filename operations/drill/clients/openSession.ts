import { DATABASE } from "../../../lib/names.ts";
import { closeSession, openSession } from "../../../lib/postgres/session.ts";
import { Client } from "../client.ts";
import type { Round } from "../report.ts";
import { INSERT } from "../rows.ts";
import type { Part } from "../stack.ts";

const NAME = "open session";

/**
 * A session on one member that stays open whatever becomes of the network: it takes the server's local socket, inside the
 * member's container, and goes on writing there until the server ends it. Nothing that it is told after another member
 * has become the primary may be an acknowledgement.
 */
export function sessionOnMember(member: Part): Client {
  const open = async () => {
    const client = await openSession({ member, database: DATABASE });
    return {
      act: async (number: number) => {
        const { rows } = await client.query<{ primary: string }>(INSERT, [NAME, number]);
        return rows[0]!.primary;
      },
      close: () => void closeSession(client),
    };
  };
  return new Client({ name: NAME, afterError: "end", open });
}

/** What became of a session left open: see {@link Round.openSession}. */
export function openSessionOf(clients: readonly Client[], from: number): Round["openSession"] {
  const [client] = clients;
  if (!client) return undefined;
  const { acknowledged, errors } = client.journal;
  const later = acknowledged.filter(({ at }) => at > from);
  const last = later.at(-1);
  return {
    before: acknowledged.length - later.length,
    after: later.length,
    lastAfterMs: last === undefined ? null : Math.round(last.at - from),
    end: errors.at(-1)?.message,
  };
}
