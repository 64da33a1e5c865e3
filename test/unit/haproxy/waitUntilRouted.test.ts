import { expect, it } from "vitest";
import { waitUntilRouted } from "../../../components/haproxy/runtimeApi.ts";
import { TimedOut } from "../../../lib/wait.ts";

it("fails at its limit, and says what each HAProxy does instead", async () => {
  const router = { docker: "unix:///nowhere.sock", container: "acgs-dev-haproxy-1" };
  const error: Error = await waitUntilRouted("postgres-2", [router], 50).then(
    () => expect.fail("it came true"),
    (failure: Error) => failure,
  );
  expect(error).toBeInstanceOf(TimedOut);
  expect(error.message).toMatch(
    /^Waited 0\.05 s in vain for HAProxy to send writers to postgres-2, and to no other\. Last seen: /,
  );
});
