import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { etcdCommand } from "../../../components/consensus/etcd.ts";
import { patroniMember, patroniSecrets } from "../../../components/postgres/patroni.ts";
import type { MemberAddress } from "../../../components/postgres/patroniClient.ts";
import { buildImage } from "../../support/images.ts";
import { freePorts } from "../../support/ports.ts";

/** A real cluster of two members and one etcd, in containers that are thrown away. */
export interface TestCluster {
  members: Record<string, MemberAddress>;
  restPassword: string;
  superuserPassword: string;
  docker(...args: string[]): Promise<string>;
  container(member: string): string;
  stop(): Promise<void>;
}

const MEMBERS = ["postgres-1", "postgres-2"];

export async function startCluster(): Promise<TestCluster> {
  const prefix = `acgs-params-test-${randomBytes(3).toString("hex")}`;
  const password = () => randomBytes(12).toString("hex");
  const secrets = { superuser: password(), replication: password(), rewind: password(), rest: password() };
  const names = ["etcd-1", ...MEMBERS].map((alias) => `${prefix}-${alias}`);
  const clean = (): void => {
    spawnSync("docker", ["rm", "--force", "--volumes", ...names], { stdio: "ignore" });
    spawnSync("docker", ["network", "rm", prefix], { stdio: "ignore" });
  };
  process.once("exit", clean);
  try {
    await docker("network", "create", prefix);
    await docker(
      ...["run", "--detach", "--init", "--name", `${prefix}-etcd-1`, "--network", prefix],
      ...[
        "--network-alias",
        "etcd-1",
        await buildImage("etcd"),
        ...etcdCommand("etcd-1", ["etcd-1"], prefix),
      ],
    );
    const port = await freePorts(2 * MEMBERS.length);
    const members: Record<string, MemberAddress> = {};
    for (const [i, name] of MEMBERS.entries()) {
      const address = {
        host: "127.0.0.1",
        port: port + i,
        rest: `http://127.0.0.1:${port + MEMBERS.length + i}`,
      };
      members[name] = address;
      await startMember(prefix, name, address, {
        "10-member.yml": patroniMember({ scope: prefix, name, etcd: ["etcd-1:2379"] }),
        "20-secrets.yml": patroniSecrets(secrets),
      });
    }
    return {
      members,
      restPassword: secrets.rest,
      superuserPassword: secrets.superuser,
      docker,
      container: (member) => `${prefix}-${member}`,
      async stop() {
        process.removeListener("exit", clean);
        clean();
        return Promise.resolve();
      },
    };
  } catch (error) {
    clean();
    throw error;
  }
}

async function startMember(
  prefix: string,
  name: string,
  { port, rest }: MemberAddress,
  files: Record<string, string>,
): Promise<void> {
  const container = `${prefix}-${name}`;
  const directory = await mkdtemp(join(tmpdir(), "acgs-params-test-"));
  try {
    await mkdir(join(directory, "patroni"));
    for (const [file, content] of Object.entries(files))
      await writeFile(join(directory, "patroni", file), content);
    await docker(
      ...["create", "--init", "--name", container, "--network", prefix, "--network-alias", name],
      ...["--publish", `127.0.0.1:${port}:5432`, "--publish", `127.0.0.1:${new URL(rest).port}:8008`],
      await buildImage("postgres"),
    );
    await docker("cp", join(directory, "patroni"), `${container}:/etc/`);
    await docker("start", container);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function docker(...args: string[]): Promise<string> {
  return (await promisify(execFile)("docker", args)).stdout.trim();
}
