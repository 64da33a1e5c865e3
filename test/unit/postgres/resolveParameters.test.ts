import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../../components/postgres/catalogue.ts";
import { resolveParameters } from "../../../components/postgres/resolveParameters.ts";
import { ConfigurationError } from "../../../components/stack/configIssue.ts";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import { applied, faultsOf } from "../stack/support.ts";

type Parameters = Record<string, string | number | boolean>;
const withParameters = (parameters: Parameters, more: object = {}) => ({ postgres: { ...more, parameters } });

/** The keys at fault, after so many rounds in which every remedy is followed. */
function faultsAfter(rounds: number, raw: Record<string, unknown>): string[] {
  const faults = faultsOf(raw);
  if (faults.length === 0 || rounds === 0) return faults.map(({ key }) => key);
  return faultsAfter(
    rounds - 1,
    faults.reduce((now, { remedy }) => applied(now, remedy), raw),
  );
}

describe("a parameter of the operator's own", () => {
  it("takes every bound of the catalogue, or refuses it with a remedy that is accepted", () => {
    const bounds = [...CATALOGUE.values()].flatMap(({ name, min, max }) =>
      [min, max].filter((bound) => bound !== undefined).map((bound) => ({ name, bound })),
    );
    expect(bounds.length).toBeGreaterThan(300);
    for (const { name, bound } of bounds) {
      const raw = withParameters({ [name]: String(bound) });
      expect(faultsAfter(1, raw), `${name} = ${bound}`).toEqual([]);
    }
  });

  it("is taken out where no memory would be enough with it", () => {
    expect(faultsOf(withParameters({ Shared_Buffers: "900GB" }))).toEqual([
      {
        key: "acgs-db:postgres.memoryMb",
        value: "1024, for 200 connections",
        allowed:
          "none with shared_buffers = 900GB: the worst case of all connections has to fit,\nand would not into 1048576 either, the most",
        remedy:
          "pulumi config rm --path acgs-db:postgres.parameters.Shared_Buffers\n" +
          "or lower acgs-db:postgres.maxConnections\nor lower acgs-db:postgres.parameters.Shared_Buffers",
      },
    ]);
  });

  it("is taken out alone where another needs no more than memory", () => {
    const raw = withParameters({ shared_buffers: "4GB", max_worker_processes: 262143 });
    const [fault] = faultsOf(raw);
    expect(fault?.remedy).toMatch(
      /^pulumi config rm --path acgs-db:postgres.parameters.max_worker_processes\npulumi config set --path acgs-db:postgres.memoryMb \d+\n/,
    );
    expect(faultsAfter(1, raw)).toEqual([]);
  });

  it("of shared_buffers is proposed where a quarter of any memory leaves none for so many connections", () => {
    for (const maxConnections of [1500, 2000, 5000]) {
      const [fault] = faultsOf({ postgres: { maxConnections } });
      expect(fault?.remedy).toMatch(
        /^pulumi config set --path acgs-db:postgres.parameters.shared_buffers \d+MB\n/,
      );
      expect(faultsAfter(1, { postgres: { maxConnections } })).toEqual([]);
    }
  });

  it("that counts connections is set in one place, within what that takes", () => {
    const remedyOf = (value: string) => faultsOf(withParameters({ max_connections: value }))[0]?.remedy;
    const remove = "pulumi config rm --path acgs-db:postgres.parameters.max_connections";
    expect(remedyOf("300")).toBe(`pulumi config set --path acgs-db:postgres.maxConnections 300\n${remove}`);
    for (const refused of ["100", "100000"]) expect(remedyOf(refused)).toBe(remove);
  });

  it("leads from fault to remedy to a configuration that is accepted, whatever is set at once", () => {
    const limited = [...CATALOGUE.values()].filter(({ max, owner }) => max !== undefined && !owner);
    const some = fc.uniqueArray(
      fc
        .constantFrom(...limited)
        .chain(({ name, min = 0, max = 0 }) => fc.constantFrom(min, max).map((at) => [name, at] as const)),
      { maxLength: 4, selector: ([name]) => name },
    );
    const host = {
      memoryMb: fc.integer({ min: 1024, max: 1_048_576 }),
      cpus: fc.integer({ min: 1, max: 128 }),
      maxConnections: fc.integer({ min: 200, max: 5000 }),
    };
    fc.assert(
      fc.property(some, fc.record(host), (parameters, more) => {
        const given = Object.fromEntries(parameters.map(([name, at]) => [name, String(at)]));
        // A fault of a parameter hides what its size would cost.
        expect(faultsAfter(2, withParameters(given, more))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("of whatever kind gives values or a ConfigurationError, and nothing else", () => {
    const name = fc.oneof(fc.constantFrom(...CATALOGUE.keys()), fc.string());
    const value = fc.oneof(fc.string(), fc.double(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(fc.dictionary(name, value), (parameters) => {
        try {
          parseConfiguration({ postgres: { parameters } }, "dev");
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigurationError);
        }
      }),
      { numRuns: 150 },
    );
  });
});

it("warns of a work_mem that the worst case does not hold, and takes it", () => {
  const { postgres, environment, parameters, warnings } = parseConfiguration(
    withParameters({ work_mem: "64MB" }),
    "dev",
  );
  expect(parameters["work_mem"]).toBe("64MB");
  expect(warnings).toEqual([expect.stringMatching(/^With work_mem 64MB a member may need \d+ MB/)]);
  const faults = { faults: [], dangerFaults: [], sizingFaults: [] };
  expect(resolveParameters(postgres, environment)).toEqual({ values: parameters, warnings, ...faults });
});

describe("a dangerous parameter", () => {
  const parameters = { Fsync: false, log_statement: "all", full_page_writes: "on" };

  it("is refused in production, with what it loses and the remedy", () => {
    const faults = faultsOf(withParameters(parameters));
    expect(faults).toEqual([
      {
        key: "acgs-db:postgres.parameters.Fsync",
        value: "false",
        allowed:
          "in production, nothing as dangerous as that: a crash of the host leaves a database that is damaged, and may not start any more",
        remedy:
          "pulumi config rm --path acgs-db:postgres.parameters.Fsync\n" +
          "or, for a stack whose loss matters to nobody, pulumi config set --path acgs-db:environment development",
      },
      expect.objectContaining({ key: "acgs-db:postgres.parameters.log_statement", value: '"all"' }),
    ]);
    expect(faultsAfter(1, withParameters(parameters))).toEqual([]);
  });

  it("is taken in development, with a warning that does not show the value", () => {
    const raw = { environment: "development", ...withParameters(parameters) };
    const { parameters: values, warnings } = parseConfiguration(raw, "dev");
    expect(values).toMatchObject({ fsync: "off", log_statement: "all" });
    expect(warnings).toEqual([
      "acgs-db:postgres.parameters.Fsync is dangerous, and refused in production: a crash of the host leaves a database that is damaged, and may not start any more.",
      "acgs-db:postgres.parameters.log_statement is dangerous, and refused in production: the log holds statements with the values in them, and of CREATE ROLE the password.",
    ]);
  });

  it("is not judged where the environment itself is at fault", () => {
    const raw = { environment: "prod", ...withParameters(parameters) };
    expect(faultsOf(raw).map(({ key }) => key)).toEqual(["acgs-db:environment"]);
  });
});
