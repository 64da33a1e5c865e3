import { Option } from "commander";
import { resolve } from "node:path";
import { writeAuthorityFile } from "../components/security/authorityFile.ts";
import type { StackOutputs } from "../components/stack/outputs.ts";
import { UserError } from "../lib/errors.ts";
import { APPLICATION_LOGIN, READONLY_LOGIN } from "../lib/names.ts";
import { projectDir } from "../lib/paths.ts";
import { LOGINS, loginNamed, postgresUrl, redisAccess } from "../operations/clientAccess.ts";
import { openPsql, openRedisCli } from "../operations/clientSession.ts";
import { outputsOf } from "../operations/stackOutputs.ts";
import { define } from "./command.ts";
import { openExisting } from "./existingStack.ts";

interface ConnectArguments {
  stack: string;
  login?: string;
  read?: boolean;
  redis?: boolean;
}

/** The words of `connect` and `env`: a login and a stack, in any order. @throws UserError for two logins */
export function loginAndStack(words: string[]): { login?: string; stacks: string[] } {
  const [login, ...others] = words.flatMap((word) => loginNamed(word) ?? []);
  if (others.length > 0)
    throw new UserError(`One login at a time: ${[login, ...others].join(" and ")} were named.`);
  return { ...(login !== undefined && { login }), stacks: words.filter((word) => !loginNamed(word)) };
}

/** A running stack's outputs, and the absolute path of the certificate that its clients check servers against. */
export async function openForClients(stack: string): Promise<{ outputs: StackOutputs; authority: string }> {
  const { tool, context } = await openExisting(stack);
  const outputs = await outputsOf(tool, context);
  return { outputs, authority: resolve(projectDir, writeAuthorityFile(outputs.tls.authority, projectDir)) };
}

export const connect = define<ConnectArguments>({
  name: "connect",
  group: "Connect:",
  purpose: "Opens psql or redis-cli on a running stack, with its certificate and a login's password.",
  words: "[login] [stack]",
  wordsHelp:
    `Logins: ${LOGINS.join(", ")}; dgm is short for dgm_service.\n` +
    `Without one, psql is ${READONLY_LOGIN}'s and redis-cli ${APPLICATION_LOGIN}'s. Both read commands from a pipe, too.`,
  stack: true,
  options: [
    new Option("--read", "the replicas in place of the primary"),
    new Option("--redis", "redis-cli in place of psql").conflicts("read"),
  ],
  example: "connect dgm --read",
  read: loginAndStack,
  async run({ stack, login, read, redis }) {
    const { outputs, authority } = await openForClients(stack);
    if (redis) return openRedisCli(redisAccess(outputs, login ?? APPLICATION_LOGIN), authority);
    return openPsql(postgresUrl(outputs, login ?? READONLY_LOGIN, read ? "replicas" : "primary", authority));
  },
});
