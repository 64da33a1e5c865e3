import { parseConfiguration } from "../../../components/stack/configuration.ts";
import type { ExtraCheck } from "../../../components/stack/stackConfiguration.ts";
import { ConfigurationError, type ConfigIssue } from "../../../components/stack/configIssue.ts";

/** The faults of a configuration, none when it is sound. */
export function faultsOf(
  raw: unknown,
  extra: readonly ExtraCheck[] = [],
  stack = "dev",
): readonly ConfigIssue[] {
  try {
    parseConfiguration(raw, stack, extra);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
}
