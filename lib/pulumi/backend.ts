import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../errors.ts";

/** Where a stack's state lies: in a backend of the operator's, or in this checkout. */
export type Backend = { kind: "operator"; from: string; credentials?: string } | { kind: "local" };

export interface BackendClues {
  env: NodeJS.ProcessEnv;
  /** Pulumi.yaml. */
  project: string;
  /** `credentials.json` of `pulumi login`, if there is one, and the folder it lies in. */
  credentials: { text: string; directory: string } | undefined;
}

/** The operator's backend where one is set: by the environment, the project, or `pulumi login`, in Pulumi's own order. */
export function chooseBackend({ env, project, credentials }: BackendClues): Backend {
  if (env["PULUMI_BACKEND_URL"]) return { kind: "operator", from: "PULUMI_BACKEND_URL" };
  if (/^backend:\s*(\{\s*url:|\n\s+url:)/m.test(project)) return { kind: "operator", from: "Pulumi.yaml" };
  if (credentials && currentOf(credentials)) {
    return { kind: "operator", from: "pulumi login", credentials: credentials.directory };
  }
  if (env["PULUMI_ACCESS_TOKEN"]) return { kind: "operator", from: "PULUMI_ACCESS_TOKEN" };
  return { kind: "local" };
}

/** What `pulumi login` has left on this machine. */
export function readCredentials(env: NodeJS.ProcessEnv): BackendClues["credentials"] {
  const directory = env["PULUMI_CREDENTIALS_PATH"] || env["PULUMI_HOME"] || join(homedir(), ".pulumi");
  const file = join(directory, "credentials.json");
  return existsSync(file) ? { text: readFileSync(file, "utf8"), directory } : undefined;
}

function currentOf({ text, directory }: { text: string; directory: string }): string | undefined {
  try {
    return (JSON.parse(text) as { current?: string }).current;
  } catch (error) {
    throw new UserError(
      `It cannot be seen whether a backend was chosen with pulumi login: ${join(directory, "credentials.json")} is no JSON. ` +
        "Log in again, or remove the file to use the local state.",
      { cause: error },
    );
  }
}
