import { expect, it } from "vitest";
import { hostList } from "../../../components/pgbouncer/databasesSection.ts";
import { MAX_HAPROXY_INSTANCES, haproxyNames } from "../../../components/haproxy/names.ts";
import { configurationSchema } from "../../../components/stack/schema.ts";

it("names each router and each list that a pool may have, whatever their number is", () => {
  const names = haproxyNames();
  expect(new Set(names).size).toBe(names.length);
  for (let n = 1; n <= MAX_HAPROXY_INSTANCES; n++) {
    const aliases = Array.from({ length: n }, (_, i) => `haproxy-${i + 1}`);
    expect(names).toEqual(expect.arrayContaining([...aliases, hostList(aliases)]));
  }
  const routers = (instances: number) => configurationSchema.shape.haproxy.safeParse({ instances }).success;
  expect([routers(MAX_HAPROXY_INSTANCES), routers(MAX_HAPROXY_INSTANCES + 1)]).toEqual([true, false]);
});
