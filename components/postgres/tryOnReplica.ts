import pg from "pg";
import { messageOf } from "../../lib/errors.ts";
import { inSession } from "../../lib/postgres/session.ts";
import { type ParametersInputs, patroniOf } from "./applyParameters.ts";
import { fitMembers, lastingFaults, UnfitError, untilFit } from "./fitness.ts";
import { parameterIdentifier } from "./memberSettings.ts";
import { RefusedValueError } from "./parametersInForce.ts";

/** A comma within a literal would be part of a library's name. */
const LISTS_OF_LIBRARIES = ["local_preload_libraries", "session_preload_libraries"];
const ANSWER_WITHIN_MS = 10_000;
/** The library whose parameter it is comes with the next restart: until then no server reads the value. */
const UNDEFINED_OBJECT = "42704";

/**
 * Puts values that a reload takes in force on one replica alone, watches it, and takes them back: what keeps a member
 * from working is found where neither writers nor the other replicas have it. A cluster without a replica that streams
 * has none to try on.
 *
 * The values travel by ALTER SYSTEM. Where a run is killed meanwhile, the next one finds them as it finds any other change
 * by hand, and takes them back.
 *
 * @throws RefusedValueError for a value that the server does not take
 * @throws UnfitError that names the values; they are taken back
 * @throws Error where they could not be taken back
 */
export async function tryOnReplica(
  inputs: ParametersInputs,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const names = Object.keys(values);
  if (names.length === 0) return;
  const primary = await patroniOf(inputs).leader();
  const replica = (await fitMembers(inputs)).find((member) => member !== primary);
  if (replica === undefined) return;

  const connection = { member: inputs.members[replica]!, database: "postgres" };
  const options = { applicationName: "acgs-db deployment", answerWithinMs: ANSWER_WITHIN_MS };
  const takeBack = async (client: pg.Client) => {
    for (const name of names) await reset(client, name);
    await client.query("SELECT pg_reload_conf()");
  };
  // One session for all: with some values the server accepts no other that could take them back.
  const attempt = async (client: pg.Client) => {
    try {
      for (const name of names) await set(client, name, values[name]!);
      await client.query("SELECT pg_reload_conf()");
      return await lastingFaults([replica], inputs);
    } finally {
      // With others it is this one that ends.
      const another = () => inSession(connection, takeBack, options);
      await takeBack(client)
        .catch(another)
        .catch((error: unknown) => {
          throw leftBehind(replica, names, error);
        });
    }
  };
  const fault = await inSession(connection, attempt, options);
  if (fault === undefined) return;
  await untilFit([replica], inputs);
  throw new UnfitError(values, fault, `It was tried on ${replica} alone, and is taken back.`);
}

async function set(client: pg.Client, name: string, value: string): Promise<void> {
  try {
    await client.query(`ALTER SYSTEM SET ${parameterIdentifier(name)} = ${literals(name, value)}`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    if (error.code !== UNDEFINED_OBJECT) throw new RefusedValueError(name, value, messageOf(error));
  }
}

function literals(name: string, value: string): string {
  if (!LISTS_OF_LIBRARIES.includes(name)) return pg.escapeLiteral(value);
  const libraries = value.split(",").map((library) => pg.escapeLiteral(library.trim()));
  return value.trim() === "" ? "DEFAULT" : libraries.join(", ");
}

async function reset(client: pg.Client, name: string): Promise<void> {
  try {
    await client.query(`ALTER SYSTEM RESET ${parameterIdentifier(name)}`);
  } catch (error) {
    if ((error as pg.DatabaseError).code !== UNDEFINED_OBJECT) throw error;
  }
}

function leftBehind(replica: string, names: readonly string[], error: unknown): Error {
  return new Error(
    `New values of ${names.join(", ")} were tried on ${replica}, and could not be taken back: ${messageOf(error)}. ` +
      "See its `docker logs`. No other member has them; the next `./acgs up` takes them back (ALTER SYSTEM RESET).",
  );
}
