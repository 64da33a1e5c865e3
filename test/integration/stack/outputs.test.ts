import fc from "fast-check";
import { expect, it } from "vitest";
import { multiHostUrl } from "../../../components/stack/outputs.ts";
import { assertOfMany, hostilePassword, hostileText, rendered } from "../../support/hostile.ts";
import { runProgram } from "../../../testing/program.ts";

/** psycopg hands the URL to libpq's own parser. */
const READ = `
import json
from psycopg.conninfo import conninfo_to_dict
print(json.dumps([conninfo_to_dict(url) for url in json.load(open("/urls.json"))]))
`;

it(
  "connection URLs are read back by libpq as they were meant, or are refused",
  { timeout: 60_000 },
  async () => {
    // An empty part is a default of libpq's.
    const text = hostileText.filter((one) => one !== "");
    const address = fc.record({
      host: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
      port: fc.integer({ min: 1, max: 65_535 }),
    });
    const connection = fc.record({
      login: text,
      password: fc.oneof(hostilePassword, text),
      addresses: fc.array(address, { minLength: 1, maxLength: 3 }),
      database: text,
      options: fc.record({ application_name: text, sslmode: fc.constant("verify-full"), options: text }),
    });
    await assertOfMany(connection, 400, async (given) => {
      const urls: string[] = [];
      const meant: unknown[] = [];
      for (const one of given) {
        const { login, password, addresses, database, options } = one;
        const result = rendered(() => multiHostUrl(one));
        if ("refusal" in result) {
          expect(result.refusal).toMatch(
            /^A connection URL cannot hold the \w+: there is NUL or half a character in it\.$/,
          );
          expect([login, password, database, ...Object.values(options)].join("·")).toMatch(
            /[\0\p{Surrogate}]/u,
          );
          continue;
        }
        urls.push(result.text);
        const list = (part: "host" | "port") => addresses.map((server) => server[part]).join(",");
        meant.push({
          user: login,
          password,
          host: list("host"),
          port: list("port"),
          dbname: database,
          ...options,
        });
      }
      expect(urls.length).toBeGreaterThan(100);
      const { status, output } = await runProgram("postgres", ["python3", "-c", READ], {
        "/urls.json": JSON.stringify(urls),
      });
      expect(status, output.slice(-2000)).toBe(0);
      expect(JSON.parse(output)).toEqual(meant);
    });
  },
);
