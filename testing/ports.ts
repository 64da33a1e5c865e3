import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Outside the range from which Linux takes ports for outgoing connections (32768 and up). */
const LOWEST = 15_000;
const HIGHEST = 32_000;
/** Test files that run at once take theirs from different shares: a stack needs its ports a minute after they are chosen. */
const SHARE = (HIGHEST - LOWEST) / 2;

/** The first of `count` ports in a row that nobody listens on at 127.0.0.1. */
export async function freePorts(count: number): Promise<number> {
  const lowest = LOWEST + (Number(process.env["VITEST_POOL_ID"] ?? 0) % 2) * SHARE;
  for (;;) {
    const first = randomInt(lowest, lowest + SHARE - count);
    const ports = Array.from({ length: count }, (_, i) => first + i);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
