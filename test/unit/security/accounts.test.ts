import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { CACHE_USERS } from "../../../components/access/cacheUsers.ts";
import { LOGIN_ACCOUNTS, MACHINERY_ACCOUNTS, TWIN_LOGINS } from "../../../components/access/logins.ts";
import { redisPasswords } from "../../../components/redis/users.ts";
import type { Accounts } from "../../../components/security/accounts.ts";
import type { Rotation } from "../../../components/security/rotation.ts";
import { recordRegistrations, valueOf } from "../../support/mocks.ts";

const ALL = [...LOGIN_ACCOUNTS, ...TWIN_LOGINS, ...MACHINERY_ACCOUNTS];
const mocks = recordRegistrations(() => {
  const passwords = Object.fromEntries(ALL.map((account) => [account, `of ${account}`]));
  return { passwords, verifiers: passwords };
});
let make: (rotation: Rotation) => Accounts;

beforeAll(async () => {
  await mocks.ready;
  const accounts = await import("../../../components/security/accounts.ts");
  make = (rotation) => new accounts.Accounts({ own: {}, ownAccounts: [], protect: false, rotation });
});

describe("what clients and servers are given", () => {
  it.each([
    [1, "dgm_service", ["of dgm_service"]],
    [2, "dgm_service_2", ["of dgm_service_2", "of dgm_service"]],
    [3, "dgm_service", ["of dgm_service", "of dgm_service_2"]],
  ])("in rotation %i is %s, and %j are valid", async (rotation, login, valid) => {
    const accounts = make({ dgm_service: rotation });
    const current = accounts.current("dgm_service");
    expect(current.login).toBe(login);
    expect(await valueOf(current.password)).toBe(valid[0]);
    expect(await valueOf(accounts.valid("dgm_service"))).toEqual(valid);
    expect(await pulumi.isSecret(accounts.valid("dgm_service"))).toBe(true);
    expect(await valueOf(accounts.valid("auth_service"))).toEqual(["of auth_service"]);
    expect(accounts.verifier("auth_service_2")).toBeUndefined();
    expect(accounts.verifier("dgm_service_2") === undefined).toBe(rotation === 1);
    expect(await valueOf(accounts.verifier("dgm_service")!)).toBe("of dgm_service");
    expect(await valueOf(accounts.verifier("acgs_deployer")!)).toBe("of acgs_deployer");
  });

  it("is for Redis one password of each user, and two of one that was rotated", async () => {
    const passwords = redisPasswords(make({ dgm_service: 2 }));
    expect(Object.keys(passwords)).toEqual(CACHE_USERS.map(({ name }) => name));
    for (const [user, valid] of Object.entries(passwords)) {
      const wanted = { acgs: ["of redis"], dgm_service: ["of dgm_service_2", "of dgm_service"] };
      expect(await valueOf(valid), user).toEqual(wanted[user as "acgs"] ?? [`of ${user}`]);
    }
  });

  it("shows versions in plain, and none of the machinery's, whose values a preview has to know", () => {
    make(2);
    const inputsOf = (name: string) => mocks.registrations.findLast((one) => one.name === name)!.inputs;
    expect(inputsOf("login-passwords")["versions"]).toMatchObject({ dgm_service: 1, dgm_service_2: 2 });
    expect(inputsOf("machinery-passwords")).not.toHaveProperty("versions");
  });
});
