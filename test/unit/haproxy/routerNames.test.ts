import { expect, it } from "vitest";
import { hostList } from "../../../components/pgbouncer/databasesSection.ts";
import { MOST_ROUTERS, routerNames } from "../../../components/haproxy/names.ts";
import { configurationSchema } from "../../../components/stack/schema.ts";

it("names each router and each list that a pool may have, whatever their number is", () => {
  const names = routerNames();
  expect(new Set(names).size).toBe(names.length);
  for (let n = 1; n <= MOST_ROUTERS; n++) {
    const aliases = Array.from({ length: n }, (_, i) => `haproxy-${i + 1}`);
    expect(names).toEqual(expect.arrayContaining([...aliases, hostList(aliases)]));
  }
  const routers = (instances: number) => configurationSchema.shape.haproxy.safeParse({ instances }).success;
  expect([routers(MOST_ROUTERS), routers(MOST_ROUTERS + 1)]).toEqual([true, false]);
});
