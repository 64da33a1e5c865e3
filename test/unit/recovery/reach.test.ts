import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, expect, it } from "vitest";
import { whySilent } from "../../../operations/recovery/whySilent.ts";

let server: Server | undefined;
afterEach(() => server?.close());

function listening(answer: "N" | "closes"): Promise<number> {
  server = createServer((socket) => {
    if (answer === "closes") socket.destroy();
    else socket.once("data", () => socket.end(answer));
  });
  return new Promise((resolve) => {
    server!.listen(0, "127.0.0.1", () => resolve((server!.address() as AddressInfo).port));
  });
}

it("hears a PostgreSQL server", async () => {
  expect(await whySilent("127.0.0.1", await listening("N"))).toBeUndefined();
});

it("is not taken in by a router that has no server", async () => {
  const port = await listening("closes");
  expect(await whySilent("127.0.0.1", port)).toMatch(
    new RegExp(`^127\\.0\\.0\\.1:${port} does not answer \\((no server is behind it|ECONNRESET|EPIPE)\\)$`),
  );
});

it("says why nobody answers", async () => {
  const port = await listening("N");
  await new Promise((resolve) => server!.close(resolve));
  expect(await whySilent("127.0.0.1", port)).toBe(`127.0.0.1:${port} does not answer (ECONNREFUSED)`);
});
