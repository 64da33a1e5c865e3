import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pause } from "../../lib/wait.ts";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import { killAll } from "../support/abandoned.ts";
import { Checkout, withDescendants } from "../support/checkout.ts";
import type { Process } from "../../operations/recovery/strayProcesses.ts";
import { docker } from "../support/engine.ts";
import { reasonOf } from "../support/reason.ts";
import { query, redisClient, valueOf } from "../../testing/clients.ts";
import { eventually } from "../../testing/eventually.ts";

// `npm run up` and `npm run destroy`, killed with -9 at random moments, and run again until they come through. The moments
// are made from a seed, always the same one: ACGS_DB_TEST_SEED=… asks for another, ACGS_DB_TEST_KILLS=30 for more kills.

const KILLS = Number(process.env["ACGS_DB_TEST_KILLS"] ?? 9);
const GIVEN = process.env["ACGS_DB_TEST_SEED"] ?? "1805667184";
const SEED = GIVEN === "random" ? Math.floor(Math.random() * 2 ** 32) : Number(GIVEN);
/** Of the kills, those while the stack comes up, is changed, and goes. */
const SHARES = {
  creation: Math.ceil(KILLS * 0.4),
  update: Math.ceil(KILLS * 0.4),
  destruction: Math.ceil(KILLS * 0.12),
};

/** What is killed: everything; Pulumi alone, whose plugins go on; or one plugin, of which Pulumi hears an error. */
type Victim = "all" | "pulumi" | "plugin";

const random = generator(SEED);
const between = (low: number, high: number) => low + random() * (high - low);
const anyVictim = (): Victim => {
  const chance = random();
  return chance < 0.55 ? "all" : chance < 0.8 ? "pulumi" : "plugin";
};

let checkout: Checkout;
let outputs: StackOutputs;
const killed: string[] = [];

beforeAll(async () => {
  console.log(`interrupted: seed ${SEED}, ${KILLS} kills`);
  checkout = await Checkout.small(KILLS > 30 ? 2 : 1);
});

afterAll(async () => {
  const changed = await imageTags();
  await checkout.end();
  for (const tag of changed) await docker(["image", "rm", tag]).catch(() => undefined);
});

/** Runs a command and kills some of it after so many seconds. @returns whether it had come through before */
async function interrupted(command: string, afterSeconds: number, victim: Victim): Promise<boolean> {
  const running = checkout.start(command);
  const ended = running.done.then((run) => run.status);
  let status = await Promise.race([ended, pause(afterSeconds * 1_000)]);
  let chosen: Process[] = [];
  while (status === undefined && chosen.length === 0) {
    chosen = withDescendants(running.child.pid!).filter((process) => isVictim(process, victim));
    // It may not have been started yet.
    if (chosen.length === 0) status = await Promise.race([ended, pause(100)]);
  }
  if (status === 0) return true;
  if (status !== undefined) throw new Error(`${command} failed by itself:\n${reasonOf(await running.done)}`);
  killAll(chosen);
  killed.push(`${command} ${afterSeconds.toFixed(1)} s ${victim}`);
  await running.done;
  return false;
}

function isVictim({ command }: Process, victim: Victim): boolean {
  if (victim === "all") return true;
  if (victim === "pulumi") return isPulumi(command);
  return command.some((word) => /resource-(docker|postgresql)|dynamic-provider/.test(word));
}

function isPulumi(command: readonly string[]): boolean {
  return command[0]?.endsWith("/pulumi") === true;
}

/** Kills the command so many times at random moments, and then lets it come through. */
async function interruptedOften(command: string, times: number, longest: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    // Some before Pulumi has begun, or while it makes the stack; most when it is at work.
    const moment = i % 5 === 0 ? between(0.3, 2.5) : between(2.5, longest);
    if (await interrupted(command, moment, anyVictim())) return;
  }
  await checkout.succeed(command);
}

const url = () => outputs.services.dgm_service.url;
const COUNT = "SELECT count(*)::int FROM dgm.performance_metrics WHERE service_name = 'interrupted'";

describe(`an update that is killed (seed ${SEED})`, () => {
  it("brings the stack up in the end", async () => {
    await interruptedOften("up", SHARES.creation, 10);
    outputs = await checkout.outputs();
    expect(await checkout.changes()).toEqual([]);
    await query(
      url(),
      `INSERT INTO dgm.performance_metrics (service_name, metric_type, metric_name, metric_value)
       SELECT 'interrupted', 'latency', 'n', n FROM generate_series(1, 1000) n`,
    );
    const redis = redisClient(outputs);
    for (let i = 0; i < 50; i++) await redis.set(`interrupted:${i}`, i);
    redis.disconnect();
  });

  it("replaces containers, changes parameters and rotates passwords, and loses nothing", async () => {
    // The first update may have come through before it was killed so often.
    const until = SHARES.creation + SHARES.update;
    for (let round = 1; killed.length < until; round++) {
      // A changed image replaces all containers that are made of it.
      for (const image of ["postgres", "pgbouncer", "redis"])
        await appendFile(
          join(checkout.directory, "images", image, "Dockerfile"),
          `LABEL acgs.round=${round}\n`,
        );
      await checkout.configure({
        postgres: {
          ...{ members: KILLS > 30 ? 2 : 1, memoryMb: 1024, cpus: 2 },
          parameters: { work_mem: `${4 + round}MB` },
        },
        secrets: { rotation: 1 + round, internalRotation: 1 + round },
      });
      await interruptedOften("up", until - killed.length, 11);
    }
    expect(await checkout.changes()).toEqual([]);
    outputs = await checkout.outputs();
    await eventually("the rows are there", async () => (await valueOf(url(), COUNT)) === 1000);
    const redis = redisClient(outputs);
    try {
      const values = await Promise.all(Array.from({ length: 50 }, (_, i) => redis.get(`interrupted:${i}`)));
      expect(values).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
    } finally {
      redis.disconnect();
    }
  });

  it("leaves previews as they were when one of them is killed", async () => {
    await interrupted("preview", between(1, 4), "all");
    expect(await checkout.changes()).toEqual([]);
  });

  it("is waited for by a second one, which says for whom", async () => {
    const first = checkout.start("up");
    await eventually("the first has begun", () =>
      Promise.resolve(checkout.processes().some(({ command }) => isPulumi(command))),
    );
    const second = await checkout.run("up");
    expect(second.stderr).toContain(`› stack dev is being changed by another run (`);
    expect(second.stderr).toContain(`process ${first.child.pid}, since `);
    const ended = await first.done;
    expect([ended.status, second.status], reasonOf(ended)).toEqual([0, 0]);
  });

  it("is waited for when only the command before Pulumi was killed", async () => {
    const first = checkout.start("up");
    const engine = await eventually("Pulumi is at work", () =>
      Promise.resolve(
        checkout
          .processes()
          .find(({ command }) => /\/pulumi$/.test(command[0] ?? "") && command.includes("up")),
      ),
    );
    first.child.kill("SIGKILL");
    killed.push("up wrapper");
    const second = await checkout.run("up");
    expect(second.status).toBe(0);
    if (/being changed/.test(second.stderr)) expect(second.stderr).toContain(`process ${engine.pid}`);
  });

  it("is destroyed in the end, with nothing left", async () => {
    await interruptedOften("destroy", SHARES.destruction, 6);
    expect(await checkout.leftOnEngine()).toEqual([]);
    console.log(`interrupted: ${killed.length} kills: ${killed.join("; ")}`);
    expect(killed.length).toBeGreaterThanOrEqual(KILLS - 1);
  });
});

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Images of this test's own. */
async function imageTags(): Promise<string[]> {
  const text = await docker([
    "images",
    "--filter",
    "label=acgs.round",
    "--format",
    "{{.Repository}}:{{.Tag}}",
  ]);
  return text.split("\n").filter(Boolean);
}
