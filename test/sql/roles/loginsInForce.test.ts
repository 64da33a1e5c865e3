import { afterAll, beforeAll, expect, it } from "vitest";
import { provider } from "../../../components/roles/loginsInForce.provider.ts";
import { scramVerifier } from "../../../components/security/scram.ts";
import { inSession } from "../../../lib/postgres/session.ts";
import { pause } from "../../../lib/wait.ts";
import { ENGINE } from "../../../testing/images.ts";
import { startAppliedDatabase, type StackDatabase } from "../../../testing/sqlServer.ts";
import { type Companion, startReplica } from "../platform/companions.ts";

let database: StackDatabase;
let replica: Companion;

beforeAll(async () => {
  database = await startAppliedDatabase("dgm");
  replica = await startReplica(database);
});
afterAll(async () => {
  replica?.stop();
  await database?.stop();
});

/** The resource's inputs, with the primary, the replica and a member that does not run. */
const inputs = (verifiers: Record<string, string>) => ({
  members: Object.fromEntries(
    [database.container, replica.container, "acgs-sqltest-no-such"].map((container, i) => [
      `postgres-${i + 1}`,
      { docker: ENGINE, container },
    ]),
  ),
  verifiers,
});

const onReplica = (statement: string) => {
  const member = { docker: ENGINE, container: replica.container };
  return inSession({ member, database: "acgs_db" }, (client) => client.query(statement));
};

it("waits until a replica that lags lets a new password in, and no longer than a minute", async () => {
  const admin = await database.connect();
  const first = scramVerifier("the-first-password");
  await admin.query(`ALTER ROLE dgm_service PASSWORD '${first}'`);
  const made = await provider.create(inputs({ dgm_service: first }));
  expect(made.id).toBe("logins-in-force");

  await onReplica("SELECT pg_wal_replay_pause()");
  const second = scramVerifier("the-second-password");
  await admin.query(`ALTER ROLE dgm_service_2 PASSWORD '${second}'`);
  let isDone = false;
  const verifiers = { dgm_service: first, dgm_service_2: second };
  const waiting = provider.update!("id", made.outs!, inputs(verifiers)).then(() => (isDone = true));
  const inVain = provider.update!("id", made.outs!, inputs({ ...verifiers, dgm_service: second })).catch(
    (error: unknown) => error,
  );
  await pause(2_000);
  expect(isDone).toBe(false);

  await onReplica("SELECT pg_wal_replay_resume()");
  await waiting;
  const error = (await inVain) as Error;
  expect(error.message).toMatch(/^Waited 60 s in vain for all PostgreSQL members to let in the logins/);
  expect(error.message).toContain("postgres-2 does not have the passwords of dgm_service yet");
  expect(error.message).not.toContain("SCRAM");
}, 120_000);
