import { statSync } from "node:fs";
import { delimiter, dirname } from "node:path";

/** A Pulumi that works on this machine. */
export interface PulumiTool {
  /** The CLI's path, or `pulumi` for the one on PATH. */
  command: string;
  /** Folder to be put first on PATH: language hosts are found there. */
  directory?: string;
  /** Variables it needs beside PATH. */
  env: Record<string, string>;
}

/** A tool from the path of its CLI, or of the folder that holds it. */
export function toolAt(path: string, env: Record<string, string>): PulumiTool {
  const isDirectory = statSync(path).isDirectory();
  const directory = isDirectory ? path : dirname(path);
  return { command: isDirectory ? `${path}/pulumi` : path, directory, env };
}

/** The environment in which that Pulumi works: `base`, with its folder first on PATH and its variables. */
export function toolEnvironment(tool: PulumiTool, base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = tool.env["PATH"] ?? base["PATH"] ?? "";
  const path = tool.directory ? [tool.directory, own].filter(Boolean).join(delimiter) : own;
  return { PULUMI_SKIP_UPDATE_CHECK: "true", ...base, ...tool.env, PATH: path };
}
