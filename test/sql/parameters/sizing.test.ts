import { spawn } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sizeParameters, SizingError } from "../../../components/postgres/sizing.ts";
import { buildImage } from "../../../testing/images.ts";
import { sizingHosts } from "../../support/sizingHosts.ts";

const SAMPLES = 60;

test(`PostgreSQL 15 itself takes what the sizing gives, for ${SAMPLES} hosts`, async () => {
  const sized = fc
    .sample(sizingHosts, { numRuns: SAMPLES * 2, seed: 15 })
    .flatMap((host) => {
      try {
        return [sizeParameters(host)];
      } catch (error) {
        if (error instanceof SizingError) return [];
        throw error;
      }
    })
    .slice(0, SAMPLES);
  expect(sized).toHaveLength(SAMPLES);

  const output = await bash(
    await buildImage("postgres"),
    [
      "set -e; cd /tmp; initdb --pgdata=data --no-sync >/dev/null",
      ...sized.map(
        (parameters) =>
          `cat > data/postgresql.conf <<'END'\n${rendered(parameters)}\nEND\npostgres -D data -C work_mem 2>&1`,
      ),
      // The reading must be able to fail.
      "echo \"max_connections = '-1'\" >> data/postgresql.conf; postgres -D data -C work_mem 2>&1 || echo refused",
    ].join("\n"),
  );
  const lines = output.trim().split("\n");
  expect(lines.slice(0, SAMPLES)).toEqual(sized.map(({ work_mem = "" }) => String(kilobytes(work_mem))));
  expect(lines.at(-1)).toBe("refused");
});

function rendered(parameters: Record<string, string>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`)
    .join("\n");
}

function kilobytes(value: string): number {
  const [, number, unit = ""] = /^(\d+)(kB|MB|GB)$/.exec(value) ?? [];
  return Number(number) * { kB: 1, MB: 1024, GB: 1024 ** 2 }[unit as "kB" | "MB" | "GB"];
}

/** Runs a script as the server's user in a container that is gone afterwards. */
function bash(image: string, script: string): Promise<string> {
  const child = spawn("docker", ["run", "--rm", "--interactive", "--network", "none", image, "bash"]);
  let output = "";
  let errors = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  child.stdin.end(script);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      if (status === 0) resolve(output);
      else reject(new Error(`bash ended with ${status}: ${errors}\n${output.slice(-2000)}`));
    });
  });
}
