import type { Check, StackConfiguration } from "../stack/stackConfiguration.ts";
import { configRemove, configSet, type ConfigIssue, keyOf, shown } from "../stack/configIssue.ts";
import { parameterPath, validateParameters } from "./parameterFaults.ts";
import { overcommitWarning, SizingError, sizeParameters } from "./sizing.ts";

type PostgresConfiguration = StackConfiguration["postgres"];

/** All parameters of the cluster: sized by the host, with the operator's own on top. */
export function desiredParameters(postgres: PostgresConfiguration): Record<string, string> {
  return sizeParameters(postgres, validateParameters(postgres.parameters).values);
}

/** What an operator's own values may cost that is not a fault; shown in every preview. */
export function parameterWarning(postgres: PostgresConfiguration): string | undefined {
  const { work_mem: own, ...others } = validateParameters(postgres.parameters).values;
  return own === undefined ? undefined : overcommitWarning(own, postgres, others);
}

/** Faults of the operator's own parameters, and a size that does not fit, among those of the configuration. */
export const parameterChecks: readonly Check[] = [
  {
    reads: ["postgres.parameters"],
    faults: ({ postgres }) => [...validateParameters(postgres.parameters).faults, ...ownKeyFaults(postgres)],
  },
  { reads: ["postgres"], faults: ({ postgres }) => sizingFaults(postgres) },
];

/** Parameters that the sum of connections was checked against have one place where they are set. */
function ownKeyFaults(postgres: PostgresConfiguration): ConfigIssue[] {
  const { values } = validateParameters(postgres.parameters);
  const taken = (name: string, remedy: string): ConfigIssue[] =>
    values[name] === undefined
      ? []
      : [
          {
            key: keyOf(parameterPath(name)),
            value: shown(values[name]),
            allowed: "nothing: the pools are checked against it",
            remedy: `${remedy}\n${configRemove(parameterPath(name))}`,
          },
        ];
  return [
    ...taken("max_connections", configSet(["postgres", "maxConnections"], Number(values["max_connections"]))),
    ...taken("superuser_reserved_connections", "it is 3"),
  ];
}

function sizingFaults(postgres: PostgresConfiguration): ConfigIssue[] {
  try {
    desiredParameters(postgres);
    return [];
  } catch (error) {
    if (!(error instanceof SizingError)) throw error;
    return [
      {
        key: keyOf(["postgres", "memoryMb"]),
        value: `${shown(postgres.memoryMb)}, for ${postgres.maxConnections} connections`,
        allowed: `at least ${error.neededMb}: the worst case of all connections has to fit`,
        remedy: [
          configSet(["postgres", "memoryMb"], error.neededMb),
          ...error.keys
            .filter((key) => key !== "postgres.memoryMb")
            .map((key) => `or lower ${keyOf(key.split("."))}`),
        ].join("\n"),
      },
    ];
  }
}
