import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { inspectContainer } from "../../../lib/docker/containers.ts";
import { connectionTo } from "../../../lib/docker/endpoint.ts";
import { EngineUnreachable } from "../../../lib/docker/errors.ts";
import { exec } from "../../../lib/docker/exec.ts";
import { sshArguments } from "../../../lib/docker/ssh.ts";
import { FakeEngine, frame } from "./fakeEngine.ts";

const folders: string[] = [];
const path = process.env["PATH"];

async function folder(): Promise<string> {
  folders.push(await mkdtemp(join(tmpdir(), "acgs-endpoint-")));
  return folders.at(-1)!;
}

afterEach(async () => {
  process.env["PATH"] = path;
  for (const one of folders.splice(0)) await rm(one, { recursive: true });
});

describe("an endpoint over TCP", () => {
  it("is plain unless DOCKER_TLS_VERIFY is set", () => {
    expect(connectionTo("tcp://db.example:2376", { DOCKER_CERT_PATH: "/no/such" })).toMatchObject({
      ...{ protocol: "http", host: "db.example", port: "2376", ca: undefined },
    });
  });

  it("is shown the certificates of DOCKER_CERT_PATH", async () => {
    const certificates = await folder();
    for (const name of ["ca", "cert"]) await writeFile(join(certificates, `${name}.pem`), name);
    const env = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certificates };
    expect(connectionTo("tcp://db.example:2376", env)).toMatchObject({
      ...{ protocol: "https", ca: Buffer.from("ca"), cert: Buffer.from("cert"), key: undefined },
    });
  });
});

it("takes no other kind of endpoint", () => {
  expect(() => connectionTo("npipe:////./pipe/docker_engine")).toThrow(/no endpoint/);
});

describe("an endpoint over ssh", () => {
  /** Puts a program in the place of `ssh`. */
  async function withSsh(script: string): Promise<void> {
    const programs = await folder();
    await writeFile(join(programs, "ssh"), `#!${process.execPath}\n${script}`);
    await chmod(join(programs, "ssh"), 0o700);
    process.env["PATH"] = programs + delimiter + path;
  }

  it("is reached by the operator's ssh", async () => {
    const engine = await FakeEngine.start();
    try {
      await withSsh(`
        const socket = require("node:net").connect(${JSON.stringify(engine.path)});
        process.stdin.pipe(socket).pipe(process.stdout);`);
      engine.answerWith(404, { message: "No such container: c-1" });
      const address = { docker: "ssh://admin@db.example:2222", container: "c-1" };
      expect(await inspectContainer(address)).toBeUndefined();
      engine.answerExec(0, (socket) => {
        socket.on("end", () => socket.end(frame("stdout", "input ended")));
        socket.resume();
      });
      expect(await exec(address, ["cat"], { input: "x" })).toBe("input ended");
    } finally {
      await engine.stop();
    }
  });

  it("that ssh does not reach is told in ssh's words", async () => {
    await withSsh(
      `console.error("ssh: connect to host db.example port 22: Connection refused"); process.exit(255);`,
    );
    const error: unknown = await inspectContainer({ docker: "ssh://db.example", container: "c-1" }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(EngineUnreachable);
    expect((error as Error).message).toContain("ssh: connect to host db.example port 22: Connection refused");
  });

  it("hands ssh no part of the address as an option", () => {
    expect(sshArguments({ host: "db.example", port: "2222", user: "admin" })).toEqual([
      ...["-o", "ConnectTimeout=30", "-T", "-l", "admin", "-p", "2222"],
      ...["--", "db.example", "docker", "system", "dial-stdio"],
    ]);
    expect(sshArguments({ host: "db.example", port: "", user: "" })).toContain("--");
  });
});
