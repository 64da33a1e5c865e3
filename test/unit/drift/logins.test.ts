import { describe, expect, it } from "vitest";
import { changedLogins, driftOfLogins } from "../../../operations/drift/logins.ts";

const OWN = ["acgs_owner", "dgm_service", "acgs_deployer"];
const VERIFIERS = { dgm_service: "of dgm", acgs_deployer: "of deployer" };
const row = (name: string, verifier: string | null, more = {}) => ({
  ...{ name, verifier, mighty: false, fit: name === "acgs_deployer" },
  ...more,
});
const AS_MADE = [row("acgs_owner", null), row("dgm_service", "of dgm"), row("acgs_deployer", "of deployer")];

/** What is found where one row is another. */
const found = (name: string, change: object | undefined) =>
  changedLogins(
    OWN,
    AS_MADE.flatMap((one) => (one.name !== name ? [one] : change ? [{ ...one, ...change }] : [])),
    VERIFIERS,
  );

describe("logins", () => {
  it("that are as they were made differ in nothing", () => {
    expect(changedLogins(OWN, AS_MADE, VERIFIERS)).toEqual([]);
  });

  it.each([
    ["dgm_service", { verifier: "of another" }, "with another password"],
    ["dgm_service", { verifier: null }, "with another password"],
    ["acgs_deployer", { verifier: "of another" }, "with another password"],
    ["acgs_deployer", { fit: false }, "gone or without its rights"],
    ["acgs_deployer", undefined, "gone or without its rights"],
  ])("%s with %j is found", (login, change, is) => {
    expect(driftOfLogins(found(login, change))).toMatchObject([{ what: `login ${login}`, is }]);
  });

  it("with the rights of a superuser are set back; the provider tells of them", () => {
    const changed = found("acgs_owner", { mighty: true });
    expect(changed).toMatchObject([{ login: "acgs_owner", isMighty: true }]);
    expect(driftOfLogins(changed)).toEqual([]);
  });

  it("that are gone are the provider's to make, and what has no password has none to compare", () => {
    expect(found("dgm_service", undefined)).toEqual([]);
    expect(found("acgs_owner", { verifier: "of somebody" })).toEqual([]);
  });
});
