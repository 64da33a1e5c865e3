import { configRemove, configSet, type ConfigIssue, keyOf, shown } from "../stack/configIssue.ts";
import type { ConfigurationValues } from "../stack/schema.ts";
import { limits } from "../stack/schemaParts.ts";
import { dangerFault, dangerWarning, pathAsGiven, validateParameters } from "./parameterFaults.ts";
import { overcommitWarning, SizingError, sizeParameters } from "./sizing.ts";
import { sizingFault } from "./sizingFault.ts";

type PostgresConfiguration = ConfigurationValues["postgres"];

/** What comes of the keys under `postgres`. */
export interface ResolvedParameters {
  /** All parameters of the cluster as PostgreSQL shows them: sized by the host, with the operator's own on top. */
  values: Record<string, string>;
  /** What the operator's own may cost that is no fault. */
  warnings: string[];
  /** Of the operator's own. */
  faults: ConfigIssue[];
  /** Of those that are sound, but dangerous: in production alone. */
  dangerFaults: ConfigIssue[];
  /** The worst case of memory that does not fit. */
  sizingFaults: ConfigIssue[];
}

/** The parameters of a cluster, or what keeps them from being so. Nothing is thrown. */
export function resolveParameters(
  postgres: PostgresConfiguration,
  environment: ConfigurationValues["environment"],
): ResolvedParameters {
  const read = validateParameters(postgres.parameters);
  const { own, faults } = withoutReserved(read.values, postgres);
  const isProduction = environment === "production";
  const common = {
    faults: [...read.faults, ...faults],
    dangerFaults: isProduction ? read.dangers.map(dangerFault) : [],
  };
  const dangers = isProduction ? [] : read.dangers.map(dangerWarning);
  try {
    const values = sizeParameters(postgres, own);
    return { ...common, values, warnings: [...dangers, ...warningsOf(postgres, own)], sizingFaults: [] };
  } catch (error) {
    if (!(error instanceof SizingError)) throw error;
    return { ...common, values: {}, warnings: [], sizingFaults: [sizingFault(postgres, own, error)] };
  }
}

function warningsOf(postgres: PostgresConfiguration, own: Readonly<Record<string, string>>): string[] {
  const { work_mem: workMem, ...others } = own;
  const warning = workMem === undefined ? undefined : overcommitWarning(workMem, postgres, others);
  return warning === undefined ? [] : [warning];
}

/** Parameters that the sum of connections was checked against have one place where they are set. */
function withoutReserved(
  { max_connections: most, superuser_reserved_connections: reserved, ...own }: Record<string, string>,
  postgres: PostgresConfiguration,
): { own: Record<string, string>; faults: ConfigIssue[] } {
  const fault = (name: string, value: string | undefined, remedy: readonly string[]): ConfigIssue[] =>
    value === undefined
      ? []
      : [
          {
            key: keyOf(pathAsGiven(postgres.parameters, name)),
            value: shown(value),
            allowed: "nothing: the pools are checked against it",
            remedy: [...remedy, configRemove(pathAsGiven(postgres.parameters, name))].join("\n"),
          },
        ];
  // Fewer might not be enough for the pools, and more than that is refused.
  const isSound = Number(most) >= postgres.maxConnections && Number(most) <= limits.maxConnections.most;
  const set = isSound ? [configSet(["postgres", "maxConnections"], Number(most))] : [];
  return {
    own,
    faults: [
      ...fault("max_connections", most, set),
      ...fault("superuser_reserved_connections", reserved, ["it is 3"]),
    ],
  };
}
