import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  containerLog,
  createContainer,
  inspectContainer,
  listContainers,
  pauseContainer,
  putArchive,
  removeContainer,
  running,
  signalContainer,
  startContainer,
  stopContainer,
  unpauseContainer,
} from "../../../lib/docker/containers.ts";
import { exec, execDetached, openCommand, openExec } from "../../../lib/docker/exec.ts";
import { RunStream, runContainer } from "../../../lib/docker/runStream.ts";
import { ExecStream } from "../../../lib/docker/execStream.ts";
import { CommandFailed, Conflict, NotFound, NotRunning } from "../../../lib/docker/errors.ts";
import { ENGINE } from "../../../testing/images.ts";
import { errorOf } from "../../support/errorOf.ts";

const MB = 1 << 20;
const prefix = `acgs-client-test-${randomBytes(3).toString("hex")}`;
const address = { docker: ENGINE, container: `${prefix}-1` };
const absent = { docker: ENGINE, container: `${prefix}-absent` };
const sh = (script: string, input?: Buffer) => exec(address, ["sh", "-c", script], { input });

const CONFIG = {
  Image: "debian:bookworm-slim",
  Cmd: ["sleep", "600"],
  StopTimeout: 1,
  HostConfig: { NetworkMode: "none", Init: true },
};

beforeAll(async () => {
  await createContainer(address, CONFIG);
  await startContainer(address);
});

afterAll(async () => {
  for (const name of ["1", "2"]) await removeContainer({ docker: ENGINE, container: `${prefix}-${name}` });
});

describe("a container's life", () => {
  const other = { docker: ENGINE, container: `${prefix}-2` };

  it("is seen at each of its stages", async () => {
    expect(await inspectContainer(other)).toBeUndefined();
    await createContainer(other, CONFIG);
    expect(await errorOf(createContainer(other, CONFIG))).toBeInstanceOf(Conflict);
    expect(await running([address, other, absent])).toEqual([address]);
    expect(await errorOf(exec(other, ["true"]))).toBeInstanceOf(NotRunning);
    expect(await errorOf(signalContainer(other, "HUP"))).toBeInstanceOf(NotRunning);
    await startContainer(other);
    await startContainer(other);
    expect(await running([absent, other])).toEqual([other]);
    const listed = await listContainers(ENGINE, { name: `^/?${prefix}-` });
    expect(listed.flatMap(({ Names, State }) => [...Names, State]).sort()).toEqual([
      ...[`/${prefix}-1`, `/${prefix}-2`, "running", "running"],
    ]);
    await pauseContainer(other);
    expect(await errorOf(exec(other, ["true"]))).toBeInstanceOf(NotRunning);
    await unpauseContainer(other);
    await stopContainer(other);
    await stopContainer(other);
    expect((await inspectContainer(other))?.State).toMatchObject({ Running: false, Status: "exited" });
    await removeContainer(other);
    await removeContainer(other);
    expect(await errorOf(startContainer(other))).toBeInstanceOf(NotFound);
  });

  it("takes files before it starts", async () => {
    const tar = pack();
    tar.entry({ name: "folder", type: "directory", mode: 0o700, uid: 851, gid: 852 });
    tar.entry({ name: "folder/file", mode: 0o600, uid: 851, gid: 852 }, "content");
    tar.finalize();
    await createContainer(other, CONFIG);
    await putArchive(other, "/opt", await buffer(tar));
    await startContainer(other);
    const look = ["stat", "-c", "%a %u:%g", "/opt/folder", "/opt/folder/file"];
    expect(await exec(other, look)).toBe("700 851:852\n600 851:852\n");
    expect(await exec(other, ["cat", "/opt/folder/file"])).toBe("content");
    await removeContainer(other);
  });
});

describe("a command in a container", () => {
  it("reads its input to the end, and its output is told from its errors", async () => {
    expect(await sh("cat; echo warning >&2", Buffer.from("text"))).toBe("text");
  });

  it("fails with its status and what it complained of", async () => {
    const error = await errorOf(sh("echo half; echo no good >&2; exit 7"));
    expect(error).toBeInstanceOf(CommandFailed);
    expect(error).toMatchObject({ status: 7, complaint: "no good" });
  });

  it("that is not in the image fails in the engine's words", async () => {
    const error = await errorOf(exec(address, ["no-such-program"]));
    expect(error).toBeInstanceOf(CommandFailed);
    expect((error as CommandFailed).status).toBeGreaterThanOrEqual(126);
    expect(error!.message).toMatch(/executable file not found/);
  });

  it("runs as another user", async () => {
    expect(await exec(address, ["id", "-un"], { user: "www-data" })).toBe("www-data\n");
  });

  it("takes and gives more than any buffer holds", async () => {
    const input = randomBytes(8 * MB);
    const output = await buffer(new ExecStream(address, ["cat"]).open().end(input));
    expect(output.equals(input)).toBe(true);
  });

  it("waits where nobody reads its output", async () => {
    const stream = new ExecStream(address, [
      "sh",
      "-c",
      `head -c ${64 * MB} /dev/zero; echo done >&2`,
    ]).open();
    await new Promise((resolve) => stream.once("readable", resolve));
    // Until it has filled all buffers on the way, and then for as long again.
    let before = -1;
    await vi.waitFor(
      () => {
        const { readableLength } = stream;
        const isSteady = readableLength === before;
        before = readableLength;
        expect(isSteady).toBe(true);
      },
      { timeout: 20_000, interval: 500 },
    );
    expect(stream.readableLength).toBeLessThan(MB);
    expect((await buffer(stream)).length).toBe(64 * MB);
  });

  it("that does not read all of its input ends all the same", async () => {
    expect(await sh("head -c 4", Buffer.alloc(4 * MB, "a"))).toBe("aaaa");
    expect(await errorOf(sh("exit 3", randomBytes(4 * MB)))).toMatchObject({ status: 3 });
  });

  it("goes on after its output has ended", async () => {
    expect(await sh("echo first; exec >&- 2>&-; sleep 1; exit 0")).toBe("first\n");
    expect(await errorOf(sh("exec >&- 2>&-; sleep 1; exit 5"))).toMatchObject({ status: 5 });
  });

  it("runs beside a hundred others", async () => {
    const numbers = Array.from({ length: 100 }, (_, i) => String(i));
    expect(await Promise.all(numbers.map((n) => exec(address, ["echo", n])))).toEqual(
      numbers.map((n) => `${n}\n`),
    );
  });

  it("goes on without its caller where it is detached", async () => {
    await execDetached(address, ["sh", "-c", "sleep 0.2; touch /tmp/was-here"]);
    await vi.waitFor(() => exec(address, ["test", "-e", "/tmp/was-here"]), {
      timeout: 20_000,
      interval: 100,
    });
  });
});

describe("a command that waits on its input", () => {
  it("goes on until that ends", async () => {
    const command = openExec(address, ["sh", "-c", "echo held; cat > /dev/null; touch /tmp/released"]);
    expect(await command.firstLine).toBe("held");
    expect(await errorOf(exec(address, ["test", "-e", "/tmp/released"]))).toMatchObject({ status: 1 });
    await command.close();
    await exec(address, ["test", "-e", "/tmp/released"]);
  });

  it("ends with its caller's connection", async () => {
    const stream = new ExecStream(address, ["sh", "-c", "echo on; cat; touch /tmp/cut"]).open();
    await new Promise((resolve) => stream.once("data", resolve));
    stream.destroy();
    await vi.waitFor(() => exec(address, ["test", "-e", "/tmp/cut"]), { timeout: 20_000, interval: 100 });
  });

  it("has no first line where its container is taken down", async () => {
    const other = { docker: ENGINE, container: `${prefix}-2` };
    await createContainer(other, CONFIG);
    await startContainer(other);
    const command = openExec(other, ["cat"]);
    await vi.waitFor(
      async () => expect(await exec(other, ["sh", "-c", "cat /proc/*/comm"])).toMatch(/cat\ncat/),
      {
        timeout: 20_000,
        interval: 100,
      },
    );
    await removeContainer(other);
    expect(await command.firstLine).toBeUndefined();
    expect(await running([other])).toEqual([]);
    await command.close();
  });
});

describe("a container's own command", () => {
  it("is read in the container's log, whichever output it was on", async () => {
    const other = { docker: ENGINE, container: `${prefix}-2` };
    await createContainer(other, { ...CONFIG, Cmd: ["sh", "-c", "echo first; sleep 0.2; echo second >&2"] });
    await startContainer(other);
    await vi.waitFor(async () => expect(await containerLog(other, 30)).toBe("first\nsecond\n"), {
      ...{ timeout: 20_000, interval: 100 },
    });
    expect(await containerLog(other, 1)).toBe("second\n");
    await removeContainer(other);
  });

  it("is run to its end, and the container is gone then", async () => {
    const config = { Image: "debian:bookworm-slim", HostConfig: { NetworkMode: "none" } };
    const name = `${prefix}-2`;
    const run = (script: string) => runContainer(ENGINE, { ...config, Cmd: ["sh", "-c", script] }, { name });
    const gone = { timeout: 20_000, interval: 100 };
    const isGone = async () =>
      expect(await inspectContainer({ docker: ENGINE, container: name })).toBeUndefined();
    expect(await run("echo out; echo err >&2")).toBe("out\n");
    await vi.waitFor(isGone, gone);
    expect(await errorOf(run("echo no >&2; exit 4"))).toMatchObject({ status: 4, complaint: "no" });
    await vi.waitFor(isGone, gone);
    const missing = runContainer(ENGINE, { ...config, Image: "acgs-no-such:1" }, { name });
    expect(await errorOf(missing)).toBeInstanceOf(NotFound);
    await expect(
      runContainer(ENGINE, { ...config, Entrypoint: ["no-such-program"] }, { name }),
    ).rejects.toThrow(/executable file not found/);
    await isGone();
  });

  it("goes on until its input ends", async () => {
    const config = { Image: "debian:bookworm-slim", Cmd: ["sh", "-c", "echo down; cat; exit 3"] };
    const stream = new RunStream({ docker: ENGINE, container: `${prefix}-2` }, config, 60_000);
    let fault: Error | undefined;
    stream.on("error", (error) => (fault = error));
    const command = openCommand(stream);
    expect(await command.firstLine).toBe("down");
    expect(fault).toBeUndefined();
    await command.close();
    expect(fault).toMatchObject({ status: 3 });
  });
});
