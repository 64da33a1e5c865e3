import { afterEach, beforeEach, expect, it } from "vitest";
import { provider } from "../../../components/postgres/beforeReplace.provider.ts";
import { testAuthority } from "../../../testing/certificates.ts";
import { FakeEngine, frame } from "../docker/fakeEngine.ts";

let engine: FakeEngine;

/** Its Patroni is at a port where nobody listens. */
function replaced() {
  const at = (container: string) => ({ docker: engine.endpoint, container });
  const address = {
    ...at("acgs-dev-postgres-1"),
    host: "127.0.0.1",
    port: 1,
    rest: "https://127.0.0.1:1",
    authority: testAuthority,
  };
  const proxies = { poolers: {}, routers: { "haproxy-1": at("acgs-dev-haproxy-1") }, poolerPasswords: [""] };
  const olds = { member: "postgres-1", address, container: 1, proxies, restUser: "", restPasswords: [""] };
  return provider.update!("postgres-1", olds, { ...olds, container: 2 });
}

function haproxySays(status: string): void {
  engine.answerExec(0, (socket) => {
    socket.end(frame("stdout", `# pxname,svname,scur,status\nwriter,postgres-1,3,${status}\n`));
  });
}

beforeEach(async () => {
  engine = await FakeEngine.start();
});
afterEach(() => engine.stop());

it("a member that does not answer keeps its container while HAProxy sends writers to it", async () => {
  haproxySays("UP");
  await expect(replaced()).rejects.toThrow(
    /^postgres-1 is not replaced: acgs-dev-haproxy-1 sends writers to it, .*ECONNREFUSED.* docker logs acgs-dev-postgres-1,/s,
  );
});

it("a member that does not answer is replaced where it has no writers, or does not run", async () => {
  haproxySays("DOWN");
  await replaced();
  haproxySays("UP");
  engine.runs = false;
  await replaced();
});

it("a member that does not answer is not replaced where the engine does not tell", async () => {
  engine.answerWith(500, { message: "out of order" });
  await expect(replaced()).rejects.toThrow("out of order");
});
