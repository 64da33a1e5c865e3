import type * as pulumi from "@pulumi/pulumi";
import { type HostEndpoint, rememberHosts } from "../../lib/hosts.ts";
import { NAMESPACE } from "./configIssue.ts";
import { structured } from "./read.ts";
import { hosts } from "./schemaParts.ts";

/**
 * Tells a provider's process where the hosts' engines are: it runs apart from the program, and gets the stack's
 * configuration from Pulumi. During a destroy or a refresh that is the configuration of the last update.
 */
export async function configure({ config }: pulumi.dynamic.ConfigureRequest): Promise<void> {
  rememberHosts(hostEndpoints(config.get(`${NAMESPACE}:hosts`)));
}

/**
 * Reads the key `hosts` as Pulumi holds it.
 *
 * @param text     its JSON; undefined where the default holds
 * @throws Error   without the value, which the operator may keep secret
 */
export function hostEndpoints(text: string | undefined): HostEndpoint[] {
  const read = hosts.safeParse(text === undefined ? undefined : structured(text));
  if (!read.success) throw new Error(`${NAMESPACE}:hosts is no list of hosts.`);
  return read.data.map(({ name, docker }) => ({ name, docker }));
}
