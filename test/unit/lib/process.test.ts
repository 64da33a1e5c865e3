import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { capture, runAttached, runLogged, start } from "../../../lib/process.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "acgs-process-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A leader that ends at once, and a descendant of another group that holds its output open. */
const LEAVES_A_DESCENDANT = "setsid sleep 30 & echo started";

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
};

describe("capture", () => {
  test("returns what was written, and no status for a program that is not there", async () => {
    expect(await capture("sh", ["-c", "echo out; echo err >&2; exit 4"])).toEqual({
      status: 4,
      stdout: "out\n",
      stderr: "err\n",
    });
    const { status, stderr } = await capture("no-such-program", []);
    expect(status).toBeUndefined();
    expect(stderr).toContain("ENOENT");
  });

  test("gives the program its input", async () => {
    expect((await capture("cat", [], { input: "é\n" })).stdout).toBe("é\n");
    expect((await capture("cat", [])).stdout).toBe("");
  });

  test("ignores that a program does not read its input", async () => {
    const input = "x".repeat(1_000_000);
    expect((await capture("sh", ["-c", "exit 5"], { input })).status).toBe(5);
  });

  test("ends a program that takes too long", async () => {
    const took = await seconds(async () =>
      expect((await capture("sleep", ["20"], { timeout: 100 })).status).toBeUndefined(),
    );
    expect(took).toBeLessThan(15);
  });

  test.each([true, false])(
    "does not wait for a descendant beyond its limit when the program has ended (own group: %s)",
    async (ownGroup) => {
      const took = await seconds(async () =>
        expect(await capture("sh", ["-c", LEAVES_A_DESCENDANT], { timeout: 300, ownGroup })).toEqual({
          status: 0,
          stdout: "started\n",
          stderr: "",
        }),
      );
      expect(took).toBeLessThan(15);
    },
  );
});

describe("start", () => {
  test("signals all that the program has started, where it leads a group", async () => {
    const program = start("sh", ["-c", "sleep 20 & wait"], { ownGroup: true });
    program.signalAll("SIGTERM");
    expect(await program.ended).toMatchObject({ shellStatus: 143, fault: "ended by SIGTERM" });
  });

  test("ignores a signal to a program that has ended, or did not start", async () => {
    const over = start("true", [], { ownGroup: true });
    const missing = start("no-such-program", [], { ownGroup: true });
    expect((await over.ended).fault).toBeUndefined();
    expect((await missing.ended).fault).toBe("cannot be started: spawn no-such-program ENOENT");
    for (const program of [over, missing]) {
      program.signal("SIGTERM");
      program.signalAll("SIGTERM");
      program.kill("too long");
    }
  });

  test("says why it killed the program", async () => {
    const program = start("sleep", ["20"]);
    program.kill("no answer within 3 s");
    expect(await program.ended).toMatchObject({ shellStatus: 137, fault: "no answer within 3 s" });
  });

  test("does not wait for a program that takes no signal of this user", async () => {
    const program = start("sleep", ["20"], { ownGroup: true });
    const kill = vi.spyOn(process, "kill").mockImplementation(() => {
      throw Object.assign(new Error("kill EPERM"), { code: "EPERM" });
    });
    program.kill("too long");
    kill.mockRestore();
    expect(await program.ended).toMatchObject({ fault: "too long: cannot be ended: kill EPERM" });
    program.signalAll("SIGKILL");
  });
});

describe("runLogged", () => {
  const logFile = () => join(directory, `${Math.random()}.log`);

  test("writes all output to the log", async () => {
    const log = logFile();
    await runLogged("sh", ["-c", "echo out; echo err >&2"], log);
    expect(readFileSync(log, "utf8")).toBe("out\nerr\n");
  });

  test("fails with the end of the log", async () => {
    const script = "for i in 1 2 3 4 5 6 7 8 9; do printf '%s\\n%s\\n%s\\n' $i $i $i; done; exit 3";
    const error: Error = await runLogged("sh", ["-c", script], logFile()).then(
      () => expect.fail("it succeeded"),
      (failure: Error) => failure,
    );
    expect(error.message).toContain(": exit status 3\n");
    expect(error.message.split("\n").slice(1)).toHaveLength(25);
    expect(error.message).toMatch(/\n9$/);
  });

  test("ends a program that takes too long, and says so", async () => {
    await expect(runLogged("sleep", ["20"], logFile(), { timeout: 100 })).rejects.toThrow(
      "sleep 20: not done within 0.1 s",
    );
  });
});

describe("runAttached", () => {
  test("returns the status as a shell does", async () => {
    expect(await runAttached("sh", ["-c", "exit 7"])).toBe(7);
    expect(await runAttached("sh", ["-c", "kill -TERM $$"])).toBe(143);
  });

  test("ends what takes too long, with all that it has started", async () => {
    expect(await runAttached("sh", ["-c", "sleep 20 & wait"], { timeout: 100 })).toBe(143);
  });

  test("says that a program cannot be started", async () => {
    await expect(runAttached("no-such-program", [])).rejects.toThrow(
      "no-such-program cannot be started: spawn no-such-program ENOENT",
    );
  });

  test("passes one signal on, to the program alone, however often it comes", async () => {
    const child =
      'trap "echo leader; over=1" TERM; sh -c \'trap "echo descendant" TERM; echo ready; sleep 3\' & ' +
      'while [ -z "$over" ]; do sleep 0.1; done; sleep 0.5';
    const script = `
      import { runAttached } from ${JSON.stringify(join(import.meta.dirname, "../../../lib/process.ts"))};
      await runAttached("sh", ["-c", ${JSON.stringify(child)}]);`;
    let output = "";
    let isReady = () => undefined as void;
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const program = start(process.execPath, ["--input-type=module", "--eval", script], {
      onOutput(text) {
        output += text;
        if (output.includes("ready")) isReady();
      },
    });
    await Promise.race([ready, program.ended]);
    program.signal("SIGTERM");
    program.signal("SIGTERM");
    await program.ended;
    expect(output.match(/leader|descendant/g)).toEqual(["leader"]);
  });
});
