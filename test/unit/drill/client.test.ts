import { expect, it } from "vitest";
import { Client, type Session } from "../../../operations/drill/client.ts";
import { waitFor } from "../../../lib/wait.ts";

/** A session whose actions fail for some numbers. */
function session(failing: number[], closed: () => void = () => undefined): Session {
  return {
    act: async (number) => {
      if (failing.includes(number)) throw new Error(`${number} failed`);
      return `1@${number}`;
    },
    close: closed,
  };
}

async function run(client: Client, until: () => boolean): Promise<void> {
  client.start();
  await waitFor(until, { within: 20_000, every: 5, what: "the client to get so far" });
  await client.stop();
}

it("opens another session after an error, and never takes a number twice", async () => {
  let opened = 0;
  let closed = 0;
  const open = async () => {
    opened++;
    return session([1, 3], () => closed++);
  };
  const client = new Client({ name: "a", afterError: "reopen", open });
  await run(client, () => client.journal.acknowledged.length >= 4);
  const { acknowledged, errors } = client.journal;
  expect(acknowledged.slice(0, 4).map(({ number }) => number)).toEqual([0, 2, 4, 5]);
  expect(errors.map(({ number, message }) => ({ number, message }))).toEqual([
    { number: 1, message: "1 failed" },
    { number: 3, message: "3 failed" },
  ]);
  expect([opened, closed]).toEqual([3, 3]);
  expect(acknowledged[0]!.primary).toBe("1@0");
});

it("records attempts to connect that fail, and goes on trying", async () => {
  let attempts = 0;
  const open = async () => {
    if (++attempts < 3) throw new Error("refused");
    return session([]);
  };
  const client = new Client({ name: "a", afterError: "reopen", open });
  await run(client, () => client.journal.acknowledged.length > 0);
  expect(client.journal.errors.map(({ number, message }) => [number, message])).toEqual([
    [undefined, "refused"],
    [undefined, "refused"],
  ]);
  expect(client.journal.acknowledged[0]!.number).toBe(0);
});

it("ends with its first error where it has one session only", async () => {
  let opened = 0;
  const open = async () => {
    opened++;
    return session([2]);
  };
  const client = new Client({ name: "a", afterError: "end", open });
  await run(client, () => client.journal.errors.length > 0);
  expect(client.journal.acknowledged.map(({ number }) => number)).toEqual([0, 1]);
  expect(opened).toBe(1);
});

it("keeps a session that mends itself", async () => {
  let opened = 0;
  const open = async () => {
    opened++;
    return session([0, 1]);
  };
  const client = new Client({ name: "a", afterError: "keep", open });
  await run(client, () => client.journal.acknowledged.length > 0);
  expect(client.journal.errors).toHaveLength(2);
  expect(opened).toBe(1);
});

it("ends with what is under way, and does not call that an error", async () => {
  let cut: (error: Error) => void = () => undefined;
  const open = async (): Promise<Session> => ({
    act: () => new Promise<undefined>((_, reject) => (cut = reject)),
    close: () => cut(new Error("closed")),
  });
  const client = new Client({ name: "a", afterError: "end", open });
  client.start();
  await waitFor(() => cut.length > 0, { within: 5_000, every: 5, what: "the action to be under way" });
  await client.stop();
  expect(client.journal).toMatchObject({ acknowledged: [], errors: [] });
});
