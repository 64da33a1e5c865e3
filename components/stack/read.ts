import * as pulumi from "@pulumi/pulumi";
import { misleadingPlugins } from "../../lib/environment.ts";
import { parseConfiguration } from "./configuration.ts";
import type { StackConfiguration } from "./stackConfiguration.ts";
import type { KeyPair } from "../security/x509.ts";
import { ConfigurationError, NAMESPACE } from "./configIssue.ts";

/** What Pulumi holds for the stack, before it is checked. */
export interface RawConfiguration {
  /** Values by key, without the namespace; those of secrets are in plain, for checking only. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** The keys whose values are secret, whole or in part. */
  readonly secrets: ReadonlySet<string>;
}

/** The checked configuration, and the operator's own passwords and certificate authority as secrets. */
export interface LoadedConfiguration {
  readonly configuration: StackConfiguration;
  /** By account. Secret: it may become the input of a resource, where the engine encrypts it. */
  readonly passwords: pulumi.Output<Record<string, string>>;
  /** Where the operator has one. Secret. */
  readonly certificateAuthority: pulumi.Output<KeyPair> | undefined;
}

/**
 * Reads and checks the configuration of the stack that is being deployed.
 *
 * @throws RunError with every fault at once, before any resource is declared. Pulumi prints it as it is,
 *         where any other error gets a stack trace that buries the faults.
 */
export function loadConfiguration(): LoadedConfiguration {
  const { raw, secrets } = readConfiguration();
  try {
    const configuration = parseConfiguration(raw, pulumi.getStack(), [], secrets);
    refuseMisleading(configuration);
    const passwords = (raw["passwords"] ?? {}) as Record<string, string>;
    const authority = raw["certificateAuthority"] as KeyPair | undefined;
    return {
      configuration,
      passwords: pulumi.secret(passwords),
      certificateAuthority: authority && pulumi.secret(authority),
    };
  } catch (error) {
    throw error instanceof ConfigurationError ? new pulumi.RunError(error.message) : error;
  }
}

/** Pulumi's plugins get the environment too, so they are stopped before they are asked for anything. @throws RunError */
function refuseMisleading({ hosts }: StackConfiguration): void {
  const engines = hosts.map(({ docker }) => docker);
  const names = misleadingPlugins(process.env, engines);
  if (names.length === 0) return;
  throw new pulumi.RunError(
    `${names.join(", ")}: set in this shell, and read by Pulumi's plugins, which would look elsewhere than at this stack. ` +
      `Nothing was created or changed. Unset what is named, or use ./acgs, which does.`,
  );
}

/**
 * All keys of the project's namespace. It reads the whole map rather than key by key, since a key that the
 * program does not know (`postgress`) is a fault too, and `pulumi.Config` cannot list.
 */
export function readConfiguration(): RawConfiguration {
  const start = `${NAMESPACE}:`;
  const keys = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(start));
  const raw = Object.fromEntries(keys.map(([key, text]) => [key.slice(start.length), structured(text)]));
  return { raw, secrets: secretKeys(keys.map(([key]) => key.slice(start.length))) };
}

/** Pulumi hands mappings and lists as JSON, and text as it is. */
export function structured(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Which keys the operator keeps secret. The SDK knows, but its types leave the function out. */
function secretKeys(keys: readonly string[]): Set<string> {
  const runtime = pulumi.runtime as { isConfigSecret?: (fullKey: string) => boolean };
  return new Set(keys.filter((key) => runtime.isConfigSecret?.(`${NAMESPACE}:${key}`) === true));
}
