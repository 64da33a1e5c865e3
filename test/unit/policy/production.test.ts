import { describe, expect, it } from "vitest";
import { retentionSetting } from "../../../components/migrations/retention.ts";
import { clusterRules } from "../../../components/postgres/patroni.ts";
import { inputsOf } from "../../../components/stack/stackGuard.ts";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import { TYPE } from "../../../lib/pulumi/types.ts";
import type { Resource } from "../../../policy/rule.ts";
import { STACK_RULES } from "../../../policy/rules/index.ts";
import { UNKNOWN, type Args } from "../../../policy/values.ts";
import { container, foundation, resource, stackFaults } from "./support.ts";

const parameters = (args: Args = {}) =>
  resource(
    TYPE.parameters,
    {
      clusterRules: clusterRules(3, "quorum"),
      appliedByReload: { synchronous_commit: "on" },
      pendingUntilRestart: { track_activities: "on" },
      ...args,
    },
    "parameters",
  );
const partitions = (months: number, retention = {}) =>
  resource(
    TYPE.sqlSchema,
    { settings: { "acgs.partition_retention": retentionSetting(months, retention) } },
    "sql-dgm",
  );
const members = (kind: string, count: number) =>
  Array.from({ length: count }, (_, i) => container({}, `${kind}-${i + 1}`));
const volume = (name: string, isProtected: boolean) =>
  resource(TYPE.volume, { name: `acgs-prod-${name}` }, name, isProtected);

interface Stack {
  etcd?: number;
  postgres?: number;
  foundation?: Args;
  others?: Resource[];
}

/** A stack that keeps every rule, but for what is changed. */
const stack = ({
  etcd = 3,
  postgres = 3,
  foundation: args,
  others = [parameters(), partitions(12)],
}: Stack = {}) => [
  foundation(args),
  ...members("etcd", etcd),
  ...members("postgres", postgres),
  volume("postgres-1-data", true),
  resource(TYPE.database, { name: "acgs_db" }, "database", true),
  ...others,
];

/** By rule: stacks that break it, each with the faults. */
const CASES: Record<string, [Stack, string[]][]> = {
  "three-etcd": [
    [{ etcd: 2 }, ["the stack has 2 members of etcd, not 3"]],
    [{ etcd: 1 }, ["the stack has 1 member of etcd, not 3"]],
  ],
  "three-postgres": [[{ postgres: 2 }, ["the stack has 2 members of PostgreSQL, not 3"]]],
  synchronous: [
    [
      { others: [parameters({ clusterRules: clusterRules(3, "off") })] },
      ["parameters acknowledges commits that no replica has (synchronous_mode is off)"],
    ],
  ],
  "named-address": [
    [
      { others: [container({ ports: [{ external: 6379, ip: "0.0.0.0" }] })] },
      ["redis-1 publishes port 6379 on every address of its host"],
    ],
    // Without an address the engine takes every one.
    [
      { others: [container({ ports: [{ external: 6379 }] })] },
      ["redis-1 publishes port 6379 on every address of its host"],
    ],
    [
      { others: [container({ ports: [{ external: 6379, ip: "10.0.0.5" }] })] },
      ["redis-1 publishes port 6379 on 10.0.0.5, which no host of the configuration names"],
    ],
    [
      { foundation: { binds: ["::"] }, others: [container({ ports: [{ external: 6379, ip: "::" }] })] },
      ["redis-1 publishes port 6379 on every address of its host"],
    ],
  ],
  "kept-partitions": [
    [{ others: [partitions(6), partitions(6)] }, ["sql-dgm keeps all other tables for 6 months"]],
    [
      { others: [partitions(12, { "pgc.policy_decisions": 3 })] },
      ["sql-dgm keeps pgc.policy_decisions for 3 months"],
    ],
  ],
  "safe-parameters": [
    [
      { others: [parameters({ appliedByReload: { fsync: "off", track_counts: "off" } })] },
      [
        "parameters sets fsync to off: a crash of the host leaves a database that is damaged, and may not start any more",
        "parameters sets track_counts to off: dead rows stay and statistics age: tables swell and plans go wrong, until an emergency vacuum stops all",
      ],
    ],
    [
      { others: [parameters({ appliedByRollingRestart: { ignore_invalid_pages: "on" } })] },
      [
        "parameters sets ignore_invalid_pages to on: damage on the disk is passed over: its rows are lost or wrong, and nobody is told",
      ],
    ],
  ],
  "protected-data": [
    [
      { others: [volume("redis-1-data", false), resource(TYPE.database, {}, "database")] },
      ["redis-1-data holds data and is not protected", "database holds data and is not protected"],
    ],
    [
      { foundation: { data: { "redis-1-data": "unprotected" } }, others: [volume("redis-1-data", false)] },
      ["redis-1-data holds data and is not protected"],
    ],
    // A volume of a new kind is data until somebody says otherwise.
    [
      { others: [volume("backup-1-repository", false)] },
      ["backup-1-repository holds data and is not protected"],
    ],
  ],
};

it("has cases for every rule that holds in production", () => {
  const names = STACK_RULES.map(({ name }) => name).filter((name) => name !== "no-exposed-password");
  expect(Object.keys(CASES).sort()).toEqual(names.sort());
});

describe.each(Object.entries(CASES))("%s", (rule, cases) => {
  it("is kept by the stack it should be", () => expect(stackFaults(rule, stack())).toEqual([]));

  it.each(cases)("refuses %j", (change, faults) => {
    expect(stackFaults(rule, stack(change))).toEqual(faults);
  });

  it("asks nothing of development", () => {
    for (const [change] of cases)
      expect(stackFaults(rule, stack({ ...change, foundation: { environment: "development" } }))).toEqual([]);
  });

  it("holds where no foundation says otherwise", () => {
    const [[change, faults]] = cases as [[Stack, string[]]];
    expect(stackFaults(rule, stack(change).slice(1))).toEqual(faults);
  });
});

it("takes an address that the configuration names, and what it does not know yet", () => {
  const ports = [
    { external: 5432, ip: "10.0.0.5" },
    { external: UNKNOWN, ip: UNKNOWN },
  ];
  const named = stack({ foundation: { binds: ["10.0.0.5"] }, others: [container({ ports })] });
  expect(stackFaults("named-address", named)).toEqual([]);
  expect(stackFaults("synchronous", stack({ others: [parameters({ clusterRules: UNKNOWN })] }))).toEqual([]);
});

it("lets data go that the configuration names, and what an update fills again", () => {
  const raw = { allowDataLoss: ["postgres-2-data", "database"] };
  const { data, environment } = inputsOf(parseConfiguration(raw, "prod"));
  const others = [
    volume("postgres-2-data", false),
    resource(TYPE.database, {}, "database"),
    ...["haproxy-1-data", "pgbouncer-2-data", "etcd-1-files"].map((name) => volume(name, false)),
  ];
  expect(stackFaults("protected-data", stack({ foundation: { data, environment }, others }))).toEqual([]);
});
