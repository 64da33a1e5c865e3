import { UserError } from "../lib/errors.ts";
import { CLIENT_LOGINS } from "../lib/names.ts";
import { dotenv } from "../lib/text/dotenv.ts";
import { clientEnvironment } from "../operations/clientAccess.ts";
import { define, jsonOption } from "./command.ts";
import { loginAndStack, openForClients } from "./connect.ts";
import { EXIT } from "./exitStatus.ts";
import { print, writeJson } from "./output.ts";

interface EnvArguments {
  stack: string;
  login: string;
  json?: string;
}

export const env = define<EnvArguments>({
  name: "env",
  group: "Connect:",
  purpose: "Prints what a service needs to connect, passwords too, as lines of a .env file.",
  words: "<service> [stack]",
  wordsHelp: `Services: ${CLIENT_LOGINS.join(", ")}; dgm is short for dgm_service.`,
  stack: true,
  options: [jsonOption()],
  example: "env dgm > .env",
  read(words) {
    const { login, stacks } = loginAndStack(words);
    if (login !== undefined && CLIENT_LOGINS.includes(login)) return { login, stacks };
    throw new UserError(`Name the service: ${CLIENT_LOGINS.join(", ")}.`);
  },
  async run({ stack, login, json }) {
    const { outputs, authority } = await openForClients(stack);
    const variables = clientEnvironment(outputs, login, authority);
    if (json === undefined) print(dotenv(variables));
    else writeJson(variables, json, `environment of ${login}`, { secret: true });
    return EXIT.ok;
  },
});
