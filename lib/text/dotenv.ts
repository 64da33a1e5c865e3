import { UserError } from "../errors.ts";

/** What neither a shell nor a reader of .env files takes for syntax. */
const PLAIN = /^[\w./:@,%=?+-]*$/;

/**
 * Variables as lines that shells and readers of `.env` files take alike: `NAME=value`, in single quotes where needed.
 *
 * @throws UserError for a value with a single quote or a line break, which the two write differently
 */
export function dotenv(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${PLAIN.test(value) ? value : quoted(name, value)}\n`)
    .join("");
}

function quoted(name: string, value: string): string {
  if (/['\r\n]/.test(value))
    throw new UserError(`A .env file cannot hold ${name}: there is a quote or a line break in it.`);
  return `'${value}'`;
}
