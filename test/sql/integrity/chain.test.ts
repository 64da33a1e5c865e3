import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { retentionSetting } from "../../../components/migrations/retention.ts";
import { failure, rows, SETTINGS, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;
let other: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("integrity");
  admin = await database.connect();
  service = await database.connect("integrity_service");
  other = await database.connect("acgs_user");
  // A test that fails half-way leaves a transaction open, for which the others must not wait.
  await admin.query("SET lock_timeout = '5s'");
  // Each test seals when it wants to.
  await admin.query("SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname LIKE 'integrity-%'");
});
afterAll(() => database?.stop());

const record = async (client: pg.Client, count: number): Promise<string[]> =>
  (await rows(
    client,
    `INSERT INTO integrity.audit_logs (service_name, action, user_id, details)
     SELECT 'gs', 'policy.update', gen_random_uuid(), jsonb_build_object('n', n, 'name', 'Gödel – ' || n)
     FROM generate_series(1, $1) AS n RETURNING id`,
    [count],
  )) as string[];
const seal = async (...args: number[]): Promise<number> =>
  Number((await rows(service, `SELECT integrity.seal_audit_logs(${args.join(", ")})`))[0]);
const verify = (client: pg.Client, ...args: string[]): Promise<unknown[]> =>
  rows(client, `SELECT seal_number, fault, entry_id FROM integrity.verify_audit_chain(${args.join(", ")})`);
const last = async (): Promise<number> =>
  Number((await rows(admin, "SELECT max(seal_number) FROM integrity.audit_seals"))[0]);

describe("sealing", () => {
  test("takes what is committed, and leaves what a running transaction could still precede", async () => {
    expect(await seal()).toBe(0);
    await other.query("BEGIN");
    const early = await record(other, 3);
    const late = await record(service, 2);
    // The later transaction is over, the earlier one is not: its rows would come in between.
    expect(await seal()).toBe(0);
    expect(await rows(admin, "SELECT unsealed_since IS NOT NULL FROM integrity.audit_chain_head")).toEqual([
      true,
    ]);
    await other.query("COMMIT");
    expect(await seal()).toBe(5);
    expect(await rows(admin, "SELECT unsealed_since FROM integrity.audit_chain_head")).toEqual([null]);
    const ids = [...early, ...late].map(Number).sort((a, b) => a - b);
    expect(
      await rows(
        admin,
        "SELECT row_count, first_id, last_id FROM integrity.audit_seals ORDER BY seal_number DESC LIMIT 1",
      ),
    ).toEqual([["5", String(ids[0]), String(ids.at(-1))]]);
    expect(await verify(admin)).toEqual([]);
  });

  test("never sees what was rolled back, in part or as a whole", async () => {
    await other.query("BEGIN");
    await record(other, 1);
    await other.query("SAVEPOINT half");
    await record(other, 4);
    await other.query("ROLLBACK TO half; COMMIT; BEGIN");
    await record(other, 8);
    await other.query("ROLLBACK");
    expect(await seal()).toBe(1);
    expect(await verify(admin)).toEqual([]);
  });

  test("cuts a large transaction into seals, and ends at the number of rows it may take", async () => {
    await record(service, 25);
    const before = await last();
    expect(await seal(10, 10)).toBe(10);
    expect(await seal(1000, 10)).toBe(15);
    const found = (await rows(
      admin,
      `SELECT row_count::int, to_id <> 0, (from_xid, from_id) = lag((to_xid, to_id)) OVER (ORDER BY seal_number)
       FROM integrity.audit_seals WHERE seal_number >= $1 ORDER BY seal_number`,
      [before],
    )) as unknown[][];
    expect(found.slice(1)).toEqual([
      [10, true, true],
      [10, true, true],
      [5, false, true],
    ]);
    expect(await verify(admin)).toEqual([]);
  });

  test("leaves no row out and takes none twice, while eight sessions write", async () => {
    const writers = await Promise.all(Array.from({ length: 8 }, () => database.connect("acgs_user")));
    let writing = true;
    const sealing = (async () => {
      let rounds = 0;
      while (writing) rounds += (await seal(1000, 7)) > 0 ? 1 : 0;
      return rounds;
    })();
    try {
      await Promise.all(
        writers.map(async (writer, w) => {
          for (let i = 0; i < 40; i++) {
            await writer.query("BEGIN");
            await record(writer, 1 + ((i + w) % 3));
            // Transactions overlap: some are begun early and end late.
            if (i % 5 === w % 5) await record(writer, 1);
            await writer.query(i % 11 === w ? "ROLLBACK" : "COMMIT");
          }
        }),
      );
    } finally {
      writing = false;
    }
    expect(await sealing).toBeGreaterThan(3);
    await seal();
    expect(
      await rows(
        admin,
        `SELECT (SELECT count(*) FROM integrity.audit_logs) = (SELECT sum(row_count) FROM integrity.audit_seals),
                (SELECT count(*) FROM integrity.audit_logs) =
                (SELECT count(DISTINCT id) FROM integrity.audit_seal_entries, unnest(entry_ids) AS id)`,
      ),
    ).toEqual([[true, true]]);
    expect(await verify(admin)).toEqual([]);
  });

  test("is done by one session at a time", async () => {
    const second = await database.connect("integrity_service");
    await record(service, 2);
    await second.query("BEGIN");
    expect(Number((await rows(second, "SELECT integrity.seal_audit_logs()"))[0])).toBe(2);
    expect(await seal()).toBe(0);
    await second.query("COMMIT");
    expect(await verify(admin)).toEqual([]);
  });

  test("of a quiet time happens once an hour", async () => {
    await seal();
    const before = await last();
    await seal();
    expect(await last()).toBe(before);
    await tampering(async () => {
      await admin.query("UPDATE integrity.audit_seals SET sealed_at = sealed_at - interval '61 minutes'");
      await admin.query("SELECT integrity.seal_audit_logs()");
      expect(
        await rows(admin, "SELECT row_count::int FROM integrity.audit_seals WHERE seal_number > $1", [
          before,
        ]),
      ).toEqual([0]);
    });
  });

  test("refuses to go on in a cluster that counts transactions anew, and says what to do", async () => {
    await tampering(async () => {
      await admin.query(
        "UPDATE integrity.audit_seals SET to_xid = '4611686018427387904' WHERE seal_number = (SELECT max(seal_number) FROM integrity.audit_seals)",
      );
      await expect(admin.query("SELECT integrity.seal_audit_logs()")).rejects.toMatchObject({
        code: "55000",
        hint: expect.stringContaining("pg_resetwal --epoch=1073741825,") as string,
      });
    });
  });

  test.each([["0"], ["NULL"], ["10, 0"], ["10, 100001"]])("refuses the arguments %s", async (args) => {
    expect(await failure(service, `SELECT integrity.seal_audit_logs(${args})`)).toBe("22023");
  });
});

/** Does what only a superuser can, after a deliberate act, and takes it back. */
async function tampering(act: () => Promise<void>): Promise<void> {
  await admin.query("BEGIN");
  try {
    for (const table of ["audit_logs", "audit_seals", "audit_seal_entries"]) {
      await admin.query(`ALTER TABLE integrity.${table} DISABLE TRIGGER ALL`);
    }
    await act();
  } finally {
    await admin.query("ROLLBACK");
  }
}

describe("verification", () => {
  /** Three seals, number and ids of the one in the middle, and the hash of the last. */
  let first: number;
  let middle: string;
  let ids: string[];
  let head: string;

  beforeAll(async () => {
    await seal();
    first = (await last()) + 1;
    middle = String(first + 1);
    for (const round of [1, 2, 3]) {
      const made = await record(service, 6);
      if (round === 2) ids = made;
      await seal();
    }
    [head] = (await rows(admin, "SELECT seal_hash FROM integrity.audit_chain_head")) as [string];
  });
  beforeEach(async () => expect(await verify(admin)).toEqual([]));

  test.each<[string, string, unknown[]]>([
    [
      "a changed action",
      "UPDATE integrity.audit_logs SET action = 'policy.read' WHERE id = $1",
      ["row_altered"],
    ],
    [
      "a changed detail",
      "UPDATE integrity.audit_logs SET details = details || '{\"n\": 7}' WHERE id = $1",
      ["row_altered"],
    ],
    ["a changed user", "UPDATE integrity.audit_logs SET user_id = NULL WHERE id = $1", ["row_altered"]],
    [
      "a changed time",
      "UPDATE integrity.audit_logs SET created_at = created_at - interval '1 microsecond' WHERE id = $1",
      ["row_altered"],
    ],
    ["a changed login", "UPDATE integrity.audit_logs SET recorded_by = '' WHERE id = $1", ["row_altered"]],
    ["a removed row", "DELETE FROM integrity.audit_logs WHERE id = $1", ["row_removed"]],
    [
      "a row moved behind the last seal",
      "UPDATE integrity.audit_logs SET recorded_xid = pg_current_xact_id() WHERE id = $1",
      ["row_removed"],
    ],
    [
      "a row moved to another month",
      "UPDATE integrity.audit_logs SET created_at = created_at + interval '1 month' WHERE id = $1",
      ["row_added", "row_removed"],
    ],
    [
      "a second row of the same number",
      "INSERT INTO integrity.audit_logs (id, recorded_xid, service_name, action) SELECT id, recorded_xid, 'gs', 'x' FROM integrity.audit_logs WHERE id = $1",
      ["row_altered"],
    ],
  ])("finds %s", async (_, statement, faults) => {
    await tampering(async () => {
      expect((await admin.query(statement, [ids[2]])).rowCount).toBe(1);
      expect(await verify(admin)).toEqual(faults.map((fault) => [middle, fault, ids[2]]));
      // Wherever one looks from.
      expect(await verify(admin, middle, middle)).toEqual(faults.map((fault) => [middle, fault, ids[2]]));
      expect(await failure(admin, "SELECT integrity.spot_check_audit_chain()")).toBe("XX001");
    });
  });

  test("finds a row that was slipped in", async () => {
    await tampering(async () => {
      const [added] = await rows(
        admin,
        "INSERT INTO integrity.audit_logs (recorded_xid, service_name, action) SELECT recorded_xid, 'gs', 'x' FROM integrity.audit_logs WHERE id = $1 RETURNING id",
        [ids[2]],
      );
      expect(await verify(admin)).toEqual([[middle, "row_added", added]]);
    });
  });

  test("finds a row removed together with its entry", async () => {
    await tampering(async () => {
      await admin.query("DELETE FROM integrity.audit_logs WHERE id = $1", [ids[2]]);
      await admin.query(
        `UPDATE integrity.audit_seal_entries SET entry_ids = entry_ids[1:2] || entry_ids[4:],
           entry_hashes = entry_hashes[1:2] || entry_hashes[4:] WHERE seal_number = $1`,
        [middle],
      );
      expect(await verify(admin)).toEqual([[middle, "entries_altered", null]]);
      await admin.query("DELETE FROM integrity.audit_seal_entries WHERE seal_number = $1", [middle]);
      const faults = await verify(admin);
      expect(faults[0]).toEqual([middle, "entries_altered", null]);
    });
  });

  test("finds a seal that was altered, also with its hash made to fit", async () => {
    await tampering(async () => {
      await admin.query("UPDATE integrity.audit_seals SET retained_from = now() WHERE seal_number = $1", [
        middle,
      ]);
      expect(await verify(admin)).toEqual([
        [middle, "seal_altered", null],
        [String(first + 2), "seal_altered", null],
      ]);
      await admin.query(
        "UPDATE integrity.audit_seals s SET retained_from = '-infinity', sealed_at = now() WHERE seal_number = $1",
        [middle],
      );
      await admin.query(
        "UPDATE integrity.audit_seals s SET seal_hash = integrity.audit_seal_hash(s) WHERE seal_number = $1",
        [middle],
      );
      const faults = await verify(admin, String(first));
      expect(faults).toContainEqual([String(first + 2), "seal_altered", null]);
      expect(faults).not.toContainEqual([middle, "seal_altered", null]);
    });
  });

  test("finds seals that are missing: in the midst, and the last ones by what is known from elsewhere", async () => {
    await tampering(async () => {
      await admin.query("DELETE FROM integrity.audit_seals WHERE seal_number = $1", [middle]);
      expect(await verify(admin)).toEqual([[String(first + 2), "seal_missing", null]]);
      expect(await verify(admin, String(first + 2))).toEqual([[String(first + 2), "seal_missing", null]]);
    });
    await tampering(async () => {
      await admin.query("DELETE FROM integrity.audit_seals WHERE seal_number > $1", [first]);
      expect(await verify(admin)).toEqual([]);
      for (const range of [["1", String(first + 2)], [String(first + 2)]]) {
        expect(await verify(admin, ...range)).toEqual([[String(first + 2), "seal_missing", null]]);
      }
    });
  });

  test("finds a trail that was forged as a whole by the hash that is known from elsewhere, and only so", async () => {
    const known = `'\\x${head}'`;
    expect(await verify(admin, "1", "NULL", known)).toEqual([]);
    await tampering(async () => {
      // All that a superuser can do: the row, its hash, the entries, this seal and the ones after it.
      await admin.query("UPDATE integrity.audit_logs SET action = 'policy.read' WHERE id = $1", [ids[2]]);
      await admin.query(
        `UPDATE integrity.audit_seal_entries SET entry_hashes[3] =
           (SELECT integrity.audit_log_hash(l) FROM integrity.audit_logs l WHERE id = $2) WHERE seal_number = $1`,
        [middle, ids[2]],
      );
      await admin.query(
        `UPDATE integrity.audit_seals SET entries_hash = (
           SELECT sha256(string_agg(date_send(created_month) || integrity.audit_entries_hash(entry_ids, entry_hashes), ''))
           FROM integrity.audit_seal_entries WHERE seal_number = $1) WHERE seal_number = $1`,
        [middle],
      );
      for (const number of [first + 1, first + 2]) {
        await admin.query(
          `UPDATE integrity.audit_seals SET previous_hash = (SELECT seal_hash FROM integrity.audit_seals WHERE seal_number = $1 - 1)
           WHERE seal_number = $1`,
          [number],
        );
        await admin.query(
          "UPDATE integrity.audit_seals s SET seal_hash = integrity.audit_seal_hash(s) WHERE seal_number = $1",
          [number],
        );
      }
      expect(await verify(admin)).toEqual([]);
      expect(await verify(admin, "1", "NULL", known)).toEqual([[String(first + 2), "seal_altered", null]]);
    });
  });

  test("comes to the same whatever zone, style and encoding the session has", async () => {
    const reader = await database.connect("acgs_readonly");
    await reader.query(
      "SET timezone = 'Pacific/Auckland'; SET datestyle = 'German'; SET client_encoding = 'LATIN1'; SET bytea_output = 'escape'; SET intervalstyle = 'iso_8601'",
    );
    expect(await verify(reader)).toEqual([]);
    // A name that this encoding does not have cannot be sent, only hashed.
    await record(service, 1);
    await reader.query("RESET client_encoding");
    expect(await seal()).toBe(1);
    expect(await verify(reader)).toEqual([]);
  });

  test("says what is wrong with its arguments", async () => {
    expect(await failure(admin, "SELECT * FROM integrity.verify_audit_chain(0)")).toBe("22023");
    expect(await failure(admin, "SELECT * FROM integrity.verify_audit_chain(5, 4)")).toBe("22023");
  });
});

describe("retention", () => {
  test("is told from removal: what it was allowed to drop may be missing, nothing else", async () => {
    const month = async (offset: number): Promise<string> =>
      `integrity.${(
        await rows(
          admin,
          "SELECT platform.partition_name('audit_logs', (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => $1))::date)",
          [offset],
        )
      ).join("")}`;
    await admin.query(
      `SELECT steps.* FROM platform.partition_policies p,
         platform.ensure_months(p, (now() - interval '15 months')::date, now()::date) AS steps WHERE p.table_name = 'audit_logs'`,
    );
    const made = (await rows(
      admin,
      `INSERT INTO integrity.audit_logs (created_at, service_name, action)
       SELECT now() - make_interval(months => n), 'gs', 'policy.update' FROM generate_series(0, 14) AS n RETURNING id`,
    )) as string[];
    expect(await seal()).toBe(15);
    const number = String(await last());

    await tampering(async () => {
      await admin.query(`DROP TABLE ${await month(-14)}`);
      expect(await verify(admin)).toEqual([[number, "row_removed", made[14]]]);
    });

    const settings = {
      ...SETTINGS,
      "acgs.partition_retention": retentionSetting(24, { "integrity.audit_logs": 12 }),
    };
    expect(await database.apply(settings)).toEqual([
      "integrity/R__upkeep_policy.sql",
      "integrity/R__privileges.sql",
    ]);
    expect(
      await rows(
        admin,
        "SELECT table_name, retention_months FROM platform.partition_policies WHERE schema_name = 'integrity' ORDER BY 1",
      ),
    ).toEqual([
      ["audit_logs", 12],
      ["audit_seal_entries", 12],
    ]);
    // The chain says from when on rows may be missing, before any is.
    expect(await seal()).toBe(0);
    expect(
      await rows(
        admin,
        "SELECT retained_from = platform.oldest_kept_month(12) FROM integrity.audit_chain_head",
      ),
    ).toEqual([true]);
    const [done] = (await rows(service, "SELECT integrity.daily_partition_maintenance()")) as [
      { dropped: string[] },
    ];
    expect(done.dropped).toHaveLength(3);
    expect(await verify(admin)).toEqual([]);

    await tampering(async () => {
      await admin.query(`DROP TABLE ${await month(-12)}`);
      expect(await verify(admin)).toEqual([[number, "row_removed", made[12]]]);
    });
    // Keeping more from now on does not bring back what is gone.
    await database.apply();
    await record(service, 1);
    expect(await seal()).toBe(1);
    expect(await verify(admin)).toEqual([]);
    expect(await rows(service, "SELECT integrity.spot_check_audit_chain(1000) > 10")).toEqual([true]);
  });
});
