// Which packages a program has installed, and which of them need a Pulumi plugin.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the host reads of a package.json. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly pulumi: PulumiSection | undefined;
}

interface PulumiSection {
  readonly resource?: boolean;
  readonly name?: string;
  readonly version?: string;
  readonly server?: string;
  readonly parameterization?: { readonly name: string; readonly version: string; readonly value: string };
}

/** A plugin that a program needs. */
export interface RequiredPlugin {
  readonly name: string;
  readonly version: string;
  readonly server: string;
  readonly parameterization: PulumiSection["parameterization"];
}

/** The plugins of all packages under the nearest node_modules, each once. */
export function requiredPlugins(directory: string): RequiredPlugin[] {
  const plugins = new Map<string, RequiredPlugin>();
  for (const { name, version, pulumi } of installedPackages(directory)) {
    if (pulumi?.resource !== true) continue;
    const plugin: RequiredPlugin = {
      name:
        pulumi.name ?? (name.startsWith("@pulumi/") ? name.slice("@pulumi/".length) : name.replace(/^@/, "")),
      version: withV(pulumi.version ?? version),
      server: pulumi.server ?? "",
      parameterization: pulumi.parameterization,
    };
    plugins.set(`${plugin.name}@${plugin.version}@${plugin.parameterization?.name ?? ""}`, plugin);
  }
  return [...plugins.values()];
}

/** All packages installed in `directory`, and in what they bring along, in no particular order. */
export function installedPackages(directory: string): Package[] {
  const found: Package[] = [];
  const visit = (modules: string): void => {
    for (const entry of packageDirectories(modules)) {
      const manifest = readManifest(entry);
      if (manifest) found.push(manifest);
      visit(join(entry, "node_modules"));
    }
  };
  visit(join(directory, "node_modules"));
  return found;
}

/** The packages that the program's own package.json names, as they are installed. */
export function directPackages(directory: string): Package[] {
  const { dependencies = {}, devDependencies = {} } = readJson(join(directory, "package.json")) ?? {};
  return Object.keys({ ...(dependencies as object), ...(devDependencies as object) })
    .map((name) => readManifest(join(directory, "node_modules", name)))
    .filter((manifest) => manifest !== undefined);
}

function packageDirectories(modules: string): string[] {
  return list(modules).flatMap((name) => {
    if (name.startsWith(".")) return [];
    const entry = join(modules, name);
    return name.startsWith("@") ? list(entry).map((scoped) => join(entry, scoped)) : [entry];
  });
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // no such directory, or a file: nothing is installed there
  }
}

function readManifest(directory: string): Package | undefined {
  const { name, version, pulumi } = readJson(join(directory, "package.json")) ?? {};
  if (typeof name !== "string" || typeof version !== "string") return undefined;
  return { name, version, pulumi: pulumi as PulumiSection | undefined };
}

function readJson(file: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch {
    return undefined; // not every directory under node_modules is a package
  }
}

function withV(version: string): string {
  return version.startsWith("v") ? version : `v${version}`;
}
