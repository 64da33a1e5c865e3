import { describe, expect, it } from "vitest";
import { CLIENT_ACCOUNTS } from "../../../lib/names.ts";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import { faultsOf } from "../stack/support.ts";

const rotation = (value: unknown) => ({ secrets: { rotation: value } });

it("is 1 unless it is given, as one number or by login", () => {
  expect(parseConfiguration({}, "dev").secrets.rotation).toBe(1);
  for (const value of [3, { dgm_service: 2 }, {}])
    expect(parseConfiguration(rotation(value), "dev").secrets.rotation).toEqual(value);
});

it.each([0, -1, 1.5, "two", true, [2]])("refuses %j in place of a counter, whole or of a login", (value) => {
  const allowed = expect.stringContaining(
    "a whole number from 1 to 1000000, or a mapping of logins (or `redis`)",
  ) as string;
  expect(faultsOf(rotation(value))).toEqual([
    {
      key: "acgs-db:secrets.rotation",
      value: JSON.stringify(value),
      allowed,
      remedy: "pulumi config set --path acgs-db:secrets.rotation 1",
    },
  ]);
  const [fault, ...others] = faultsOf(rotation({ dgm_service: value }));
  expect(others).toEqual([]);
  expect(fault?.key).toMatch(/^acgs-db:secrets\.rotation(\.dgm_service)?$/);
  expect(fault?.allowed).toEqual(allowed);
});

it("refuses a login whose password is not rotated", () => {
  expect(faultsOf(rotation({ dgm_servce: 2, postgres: 2 }))).toEqual([
    {
      key: "acgs-db:secrets.rotation.dgm_servce",
      value: "2 for a login whose password is not rotated",
      allowed: CLIENT_ACCOUNTS.join(", "),
      remedy:
        "did you mean `dgm_service`? Then:\n" +
        "pulumi config rm --path acgs-db:secrets.rotation.dgm_servce\n" +
        "pulumi config set --path acgs-db:secrets.rotation.dgm_service 2",
    },
    {
      key: "acgs-db:secrets.rotation.postgres",
      value: "2 for a login whose password is not rotated",
      allowed: CLIENT_ACCOUNTS.join(", "),
      remedy: "pulumi config rm --path acgs-db:secrets.rotation.postgres",
    },
  ]);
});

describe("a login whose password is from the configuration", () => {
  const passwords = { dgm_service: "correct-horse-battery", patroni: "correct-horse-battery" };

  it("cannot be rotated", () => {
    const fault = {
      value: "2, while the password of dgm_service is from the configuration",
      allowed:
        "1 for dgm_service as long as acgs-db:passwords.dgm_service is set: new versions are generated",
      remedy:
        "let the next one be generated: pulumi config rm --path acgs-db:passwords.dgm_service\n" +
        "or leave dgm_service at 1, with numbers by login, and set its password itself: " +
        "pulumi config set --path --secret acgs-db:passwords.dgm_service",
    };
    expect(faultsOf({ passwords, ...rotation(2) })).toEqual([{ key: "acgs-db:secrets.rotation", ...fault }]);
    expect(faultsOf({ passwords, ...rotation({ dgm_service: 2 }) })).toEqual([
      { key: "acgs-db:secrets.rotation.dgm_service", ...fault },
    ]);
  });

  it("may stand beside others that are", () => {
    expect(faultsOf({ passwords, ...rotation({ auth_service: 2 }) })).toEqual([]);
  });
});

describe("the internal accounts' rotation", () => {
  const internalRotation = (value: unknown) => ({ secrets: { internalRotation: value } });

  it("is 1 unless it is given", () => {
    expect(parseConfiguration({}, "dev").secrets.internalRotation).toBe(1);
    expect(parseConfiguration(internalRotation(4), "dev").secrets.internalRotation).toBe(4);
  });

  it("takes no password of the operator's beside it", () => {
    const passwords = { patroni: "correct-horse-battery", redis: "correct-horse-battery" };
    expect(faultsOf({ passwords, ...internalRotation(1) })).toEqual([]);
    expect(faultsOf({ passwords, ...internalRotation(2) })).toEqual([
      {
        key: "acgs-db:secrets.internalRotation",
        value: "2, while the password of patroni is from the configuration",
        allowed: "1 as long as acgs-db:passwords.patroni is set: new versions are generated",
        remedy: "let the next one be generated: pulumi config rm --path acgs-db:passwords.patroni",
      },
    ]);
  });
});
