import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { CACHE_USERS } from "../../../components/roles/cacheUsers.ts";
import { CLIENT_ACCOUNTS, INTERNAL_ACCOUNTS, rotationLogin } from "../../../lib/names.ts";
import { redisPasswords } from "../../../components/redis/users.ts";
import type { Credentials } from "../../../components/security/credentials.ts";
import { derivedPassword, derivedVerifier } from "../../../components/security/derivedPassword.ts";
import type { Rotation } from "../../../components/security/rotation/versions.ts";
import { verifierMatches } from "../../../components/security/scram.ts";
import { recordRegistrations, valueOf } from "../../support/mocks.ts";

const ALL = [...CLIENT_ACCOUNTS, ...CLIENT_ACCOUNTS.map(rotationLogin), ...INTERNAL_ACCOUNTS, "seed"];
const mocks = recordRegistrations(() => {
  const passwords = Object.fromEntries(ALL.map((account) => [account, `of ${account}`]));
  return { passwords, verifiers: passwords };
});
let make: (rotation: Rotation, internalRotation?: number) => Credentials;

beforeAll(async () => {
  await mocks.ready;
  const accounts = await import("../../../components/security/credentials.ts");
  make = (rotation, internalRotation = 1) =>
    new accounts.Credentials({ own: {}, ownAccounts: [], protect: false, rotation, internalRotation });
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

  it("shows versions in plain, and none of the internal accounts', whose values a preview has to know", () => {
    make(2);
    const inputsOf = (name: string) => mocks.registrations.findLast((one) => one.name === name)!.inputs;
    expect(inputsOf("login-passwords")["versions"]).toMatchObject({ dgm_service: 1, dgm_service_2: 2 });
    expect(inputsOf("internal-passwords")).not.toHaveProperty("versions");
  });
});

describe("what internal accounts is given", () => {
  it.each([
    [1, [1]],
    [2, [2, 1]],
    [7, [7, 6]],
  ])("in rotation %i is a password of its own, and versions %j may be valid", async (rotation, versions) => {
    const accounts = make(1, rotation);
    const wanted = versions.map((one) =>
      one === 1 ? "of patroni" : derivedPassword("of seed", "patroni", one),
    );
    expect(await valueOf(accounts.password("patroni"))).toBe(wanted[0]);
    expect(await valueOf(accounts.valid("patroni"))).toEqual(wanted);
    expect(await pulumi.isSecret(accounts.password("patroni"))).toBe(true);
    expect(await pulumi.isSecret(accounts.valid("patroni"))).toBe(true);
    const verifier = await valueOf(accounts.verifier("acgs_deployer")!);
    const password = await valueOf(accounts.password("acgs_deployer"));
    if (rotation > 1) expect(verifierMatches(verifier, password)).toBe(true);
  });

  it("is derived: the same each time, and another for each account, version and seed", () => {
    const given = ["acgs_deployer", "patroni"].flatMap((account) =>
      [2, 3].flatMap((version) => ["one", "other"].map((seed) => [seed, account, version] as const)),
    );
    const passwords = given.map((one) => derivedPassword(...one));
    expect(given.map((one) => derivedPassword(...one))).toEqual(passwords);
    expect(new Set(passwords).size).toBe(given.length);
    for (const one of passwords) expect(one).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(new Set(given.map((one) => derivedVerifier(...one))).size).toBe(given.length);
    expect(derivedVerifier("one", "patroni", 2)).toBe(derivedVerifier("one", "patroni", 2));
  });

  it("needs no resource to be updated: a preview knows it", () => {
    const inputsOf = (name: string) => mocks.registrations.findLast((one) => one.name === name)!.inputs;
    const resources = ["internal-passwords", "internal-seed"];
    const [before, after] = [1, 2].map((rotation) => {
      make(1, rotation);
      return resources.map(inputsOf);
    });
    expect(after).toEqual(before);
  });
});
