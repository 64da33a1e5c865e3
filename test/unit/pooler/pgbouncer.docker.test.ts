import { describe, expect, it } from "vitest";
import {
  CONFIGURATION_FILE,
  pgbouncerConfiguration,
  POOLS_FILE,
  userlist,
  USERS_FILE,
} from "../../../components/pooler/pgbouncer.ts";
import { poolsOf } from "../../../components/pooler/pooler.ts";
import { renderPools } from "../../../components/pooler/pools.ts";
import { poolDefaults, readerPoolDefault } from "../../../components/stack/defaults.ts";
import { tlsFiles } from "../../support/certificates.ts";
import { runProgram } from "../../support/program.ts";

const endpoint = (port: number) => ({ hosts: ["haproxy-1", "haproxy-2"], port });
const POOLS = renderPools(
  poolsOf({
    instances: 2,
    writer: endpoint(5000),
    reader: endpoint(5001),
    pools: poolDefaults,
    readerPool: readerPoolDefault,
  }),
);

/** PgBouncer has no check-only mode: it is started, and ended once it has read its files or given up. */
const START = `timeout --preserve-status -s TERM 2 pgbouncer ${CONFIGURATION_FILE} 2>&1`;

const start = async (pools: string) =>
  runProgram("pgbouncer", ["bash", "-c", START], {
    ...(await tlsFiles("pgbouncer-1")),
    [CONFIGURATION_FILE]: pgbouncerConfiguration(5000),
    [USERS_FILE]: userlist("pgbouncer", `quote " backslash \\ hash #`),
    [POOLS_FILE]: pools,
  });

describe("PgBouncer's files", () => {
  it("are read by PgBouncer without a complaint", async () => {
    const { output } = await start(POOLS);
    expect(output).toContain("process up");
    expect(output).not.toMatch(/ERROR|FATAL|WARNING|invalid|unrecognized/i);
  });

  it("would be refused with a setting that it does not know: this test can fail", async () => {
    const { output } = await start("[databases]\nacgs_db = host=h no_such_setting=1\n");
    expect(output).toMatch(/unrecognized|invalid/i);
  });
});
