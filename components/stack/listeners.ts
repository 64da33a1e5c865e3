import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { ask } from "../../lib/docker/client.ts";

/** Whether an engine is on this machine: of another one nothing is known but what its containers publish. */
export async function isOnThisMachine(docker: string): Promise<boolean> {
  const { Name } = await ask<{ Name: string }>(docker, { path: "/info" });
  return Name === hostname();
}

/** Who listens on ports of this machine, in words, by port. */
export async function listeners(bind: string, ports: readonly number[]): Promise<Map<number, string>> {
  const taken = await Promise.all(ports.map((port) => isTaken(port, bind)));
  return new Map(ports.filter((_, i) => taken[i]).map((port) => [port, programOn(port)]));
}

/** The engine itself reports every other reason why a port cannot be bound (an address of no interface, a port for root alone). */
function isTaken(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "EADDRINUSE"));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(false)));
  });
}

const SOMEBODY = "a program of this machine";

/** The program that listens on a port, as far as Linux shows it to this user. */
function programOn(port: number): string {
  try {
    const sockets = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => listening(file, port));
    const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && holds(name, sockets));
    return pid === undefined
      ? SOMEBODY
      : `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (process ${pid})`;
  } catch {
    return SOMEBODY;
  }
}

/** Of a line: number, local address and port in hexadecimal digits, remote, state (0A listens), …, inode as the tenth. */
function listening(file: string, port: number): string[] {
  const digits = port.toString(16).toUpperCase().padStart(4, "0");
  const fields = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const found = fields.filter(([, local, , state]) => local?.endsWith(`:${digits}`) && state === "0A");
  return found.map((line) => `socket:[${line[9]}]`);
}

function holds(pid: string, sockets: readonly string[]): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((fd) => sockets.includes(readlinkSync(`${folder}/${fd}`)));
  } catch {
    return false; // another user's, or it has ended
  }
}
