import { expect, it } from "vitest";
import { isUnreachable } from "../../../lib/postgres/session.ts";
import { fault } from "../../../lib/postgres/localSocket.ts";

it.each([
  "Error response from daemon: No such container: acgs-dev-postgres-1",
  "Error response from daemon: container 1f is not running",
  "Error response from daemon: Container 1f is paused, unpause the container before exec",
  "Cannot connect to the Docker daemon at unix:///no/such.sock. Is the docker daemon running?",
  "no server at /run/postgresql/.s.PGSQL.5432: Connection refused",
])("waits for a server where the engine says: %s", (complaint) => {
  const error = fault("acgs-dev-postgres-1", complaint, false);
  expect(error.message).toBe(`acgs-dev-postgres-1: ${complaint}`);
  expect(isUnreachable(error)).toBe(true);
});

it.each([
  'OCI runtime exec failed: exec failed: unable to start container process: exec: "socket-proxy": executable file not found',
  "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
  "Traceback (most recent call last)",
])("does not wait where waiting does not help: %s", (complaint) => {
  expect(isUnreachable(fault("acgs-dev-postgres-1", complaint, false))).toBe(false);
});

it("tells a session that breaks from one that cannot begin", () => {
  expect(fault("c", "", true)).toMatchObject({ code: "ECONNRESET", message: "c: docker exec ended" });
});
