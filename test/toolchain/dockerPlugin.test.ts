import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Project } from "./project.ts";

const PREFIX = "acgs-toolchain-test";
const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();

let project: Project;

/** What a run that was killed may have left: the state that knew of it is gone. */
function removeLeftovers(): void {
  const remove = (...args: string[]) => spawnSync("docker", args, { stdio: "ignore" });
  remove("rm", "--force", `${PREFIX}-c`);
  remove("network", "rm", PREFIX);
  remove("volume", "rm", "--force", `${PREFIX}-data`);
  remove("rmi", "--force", `${PREFIX}:1`); // kept by keepLocally
}

beforeAll(async () => {
  removeLeftovers();
  project = await Project.create();
  await mkdir(join(project.directory, "context"));
  await writeFile(
    join(project.directory, "context", "Dockerfile"),
    'FROM debian:bookworm-slim\nARG WORD\nLABEL word=$WORD\nCOPY file /file\nCMD ["sleep", "600"]\n',
  );
  await writeFile(join(project.directory, "context", "file"), "first");
});

afterAll(async () => {
  await project?.remove();
  removeLeftovers();
});

/** The properties that this project gives to each kind of Docker resource. */
function program(changes: { version?: string; container?: string } = {}): string {
  return `
    import * as pulumi from "@pulumi/pulumi";
    import * as docker from "@pulumi/docker";
    const o = { provider: new docker.Provider("host", { host: "unix:///var/run/docker.sock" }) };
    const network = new docker.Network("network", { name: "${PREFIX}", driver: "bridge", 
      ipamConfigs: [{ subnet: "10.213.77.0/24" }], labels: [{ label: "of", value: "a test" }] }, o);
    const volume = new docker.Volume("volume", { name: "${PREFIX}-data", labels: [{ label: "of", value: "a test" }] }, o);
    const image = new docker.RemoteImage("image", { name: "${PREFIX}:1", keepLocally: true,
      build: { context: "context", dockerfile: "Dockerfile", buildArgs: { WORD: "given" }, forceRemove: true },
      triggers: { content: "${changes.version ?? "first"}" } }, o);
    const container = new docker.Container("container", {
      name: "${PREFIX}-c", image: image.imageId, restart: "unless-stopped", init: true, mustRun: true, user: "root",
      healthcheck: { tests: ["CMD", "test", "-f", "/file"], interval: "1s", timeout: "2s", retries: 5, startPeriod: "1s" },
      wait: true, waitTimeout: 30, destroyGraceSeconds: 1, stopSignal: "SIGKILL", stopTimeout: 5,
      uploads: [{ file: "/run/plain", content: "plain" }, { file: "/run/secret", content: pulumi.secret("open sesame") },
        { file: "/run/script", content: "#!/bin/sh\\necho ran\\n", executable: true }],
      ports: [{ internal: 80, external: 23581, ip: "127.0.0.1" }, { internal: 81, external: 23582, ip: "127.0.0.1" }],
      capabilities: { drops: ["ALL"], adds: ["CAP_CHOWN"] }, securityOpts: ["no-new-privileges:true"],
      memory: 64, memorySwap: 64, shmSize: 16, cpuShares: 512, tmpfs: { "/scratch": "size=1m" }, readOnly: false,
      ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }], logDriver: "json-file", logOpts: { "max-size": "1m" },
      networksAdvanced: [{ name: network.name, aliases: ["c-1"] }], labels: [{ label: "of", value: "a test" }],
      volumes: [{ volumeName: volume.name, containerPath: "/data" }], ${changes.container ?? ""}
    }, o);
    export const address = container.networkDatas[0].ipAddress;`;
}

describe("the Docker plugin's stand-in", { timeout: 120_000 }, () => {
  it("makes network, volume, image and container, and finds nothing to do afterwards", async () => {
    await project.program(program());
    const { succeeded, output } = await project.up();
    expect(output).toMatch(/address: "10\.213\.77\.\d+"/);
    expect(succeeded).toBe(true);
    expect(docker("exec", `${PREFIX}-c`, "/run/script")).toBe("ran");
    expect(docker("exec", `${PREFIX}-c`, "cat", "/run/secret", "/file")).toBe("open sesamefirst");
    expect(docker("image", "inspect", "--format", "{{.Config.Labels.word}}", `${PREFIX}:1`)).toBe("given");
    expect(await project.preview()).toEqual([]);
    expect(await project.state()).not.toContain("open sesame");
  });

  it("builds an image again when its trigger changes, and moves the container to it", async () => {
    await writeFile(join(project.directory, "context", "file"), "second");
    await project.program(program({ version: "second" }));
    const replaced = (await project.preview()).filter(({ op }) => op === "replace").map(({ name }) => name);
    expect(replaced.sort()).toEqual(["container", "image"]);
    expect(await project.up()).toMatchObject({ succeeded: true });
    expect(docker("exec", `${PREFIX}-c`, "cat", "/file")).toBe("second");
    expect(await project.preview()).toEqual([]);
  });

  it("refuses properties that its version of the provider does not have", async () => {
    await project.program(program({ version: "second", container: "cgroupParent: 'x'," }));
    const { succeeded, output } = await project.pulumi("preview", "--stack", "test");
    expect(succeeded).toBe(false);
    expect(output).toMatch(/unknown key.*cgroupParent/i);
  });
});
