import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLIENT_ACCOUNTS, INTERNAL_ACCOUNTS, rotationLogin } from "../../../lib/names.ts";
import { nextPasswords, provider } from "../../../components/security/passwords.provider.ts";
import {
  heldVersions,
  holderOf,
  type Rotation,
  versionOf,
} from "../../../components/security/rotation/versions.ts";
import { loginRefusals, unendedRefusals } from "../../../components/security/rotation/refusals.ts";

const BOTH = CLIENT_ACCOUNTS.flatMap((account) => [account, rotationLogin(account)]);
const held = (rotation: Rotation) => ({
  accounts: Object.fromEntries(BOTH.map((login) => [login, "generated" as const])),
  own: {},
  versions: heldVersions(rotation),
});
const version = fc.integer({ min: 1, max: 1_000_000 });
const rotation = fc.oneof(version, fc.dictionary(fc.constantFrom(...CLIENT_ACCOUNTS), version));

describe("versions", () => {
  it.each([
    [1, 1, 0],
    [2, 1, 2],
    [3, 3, 2],
    [4, 3, 4],
  ])("of rotation %i are %i and %i", (given, first, second) => {
    expect(heldVersions(given)).toMatchObject({ dgm_service: first, dgm_service_2: second });
    expect(heldVersions({ dgm_service: given })).toMatchObject({
      ...{ dgm_service: first, dgm_service_2: second },
      ...{ auth_service: 1, auth_service_2: 0 },
    });
  });

  it("are of every login and its second one, and of none of internal accounts", () => {
    fc.assert(
      fc.property(rotation, (given) => {
        const versions = heldVersions(given);
        expect(Object.keys(versions).sort()).toEqual([...BOTH].sort());
        expect(INTERNAL_ACCOUNTS.filter((account) => account in versions)).toEqual([]);
        for (const login of CLIENT_ACCOUNTS) {
          const current = versionOf(login, given);
          expect(versions[holderOf(login, current)]).toBe(current);
          expect([versions[login], versions[rotationLogin(login)]].sort((a, b) => a! - b!)).toEqual([
            current - 1,
            current,
          ]);
        }
      }),
    );
  });
});

describe("a rotation", () => {
  it("by one, of any logins, and none at all are let pass; so is what a new stack begins with", () => {
    expect(loginRefusals({}, held(7))).toEqual([]);
    expect(loginRefusals(held(3), held(3))).toEqual([]);
    expect(loginRefusals(held(3), held(4))).toEqual([]);
    expect(loginRefusals(held(1), held({ dgm_service: 2 }))).toEqual([]);
    const all = Object.fromEntries(CLIENT_ACCOUNTS.map((login) => [login, 3]));
    expect(loginRefusals(held(3), held({ ...all, dgm_service: 4 }))).toEqual([]);
  });

  it("of a state from before begins at 1", () => {
    const before = { accounts: { dgm_service: "generated" } };
    expect(loginRefusals(before, held(2))).toEqual([]);
    expect(loginRefusals(before, held(3))).toHaveLength(1);
  });

  it("of a login that the stack did not have is let pass", () => {
    const { dgm_service: _, dgm_service_2: __, ...accounts } = held(3).accounts;
    expect(loginRefusals({ ...held(3), accounts }, held(3))).toEqual([]);
  });

  it("by more than one would end the password that clients use", () => {
    expect(loginRefusals(held(1), held({ dgm_service: 3 }))).toEqual([
      {
        property: "",
        reason:
          "acgs-db:secrets.rotation is 1 for dgm_service in the running stack and cannot go to 3 in one update: clients " +
          "would lose the password that they still use. Give 2, run `npm run up`, let the clients change over, and then go on.",
      },
    ]);
  });

  it("never goes back, and names all logins that it would take back, once", () => {
    const failures = loginRefusals(held(3), held({ dgm_service: 4 }));
    expect(failures).toHaveLength(1);
    const others = CLIENT_ACCOUNTS.filter((login) => login !== "dgm_service").join(", ");
    expect(failures[0]!.reason).toBe(
      `acgs-db:secrets.rotation is 3 for ${others} in the running stack and cannot go back to 1. ` +
        "Give 3, or 4 for a new password.",
    );
  });

  it("is refused by the provider before anything is made", async () => {
    const olds = nextPasswords(held(1), { passwords: {}, verifiers: {} });
    const checked = await provider.check!(olds, held(3));
    expect(checked.failures).toHaveLength(1);
    expect(JSON.stringify(checked.failures)).not.toContain(olds.passwords["dgm_service"]);
    expect((await provider.check!(olds, held(2))).failures).toEqual([]);
  });
});

describe("a rotation that no update has brought to its end", () => {
  const rotations = (internal: number, clients: Record<string, number>) => ({ internal, clients });

  it("has to be, before the next", () => {
    const ended = rotations(1, { dgm_service: 3, auth_service: 3 });
    expect(unendedRefusals({}, rotations(7, { dgm_service: 7 }))).toEqual([]);
    expect(unendedRefusals(ended, rotations(2, { dgm_service: 4, auth_service: 3 }))).toEqual([]);
    // A service that is new.
    expect(unendedRefusals(ended, rotations(1, { dgm_service: 3, auth_service: 3, another: 5 }))).toEqual([]);
    const reasons = unendedRefusals(ended, rotations(3, { dgm_service: 5, auth_service: 4 })).map(
      ({ reason }) => reason,
    );
    expect(reasons).toEqual([
      expect.stringMatching(
        /^acgs-db:secrets\.rotation cannot go to 5 for dgm_service: .* after 3 .* Give 4, /,
      ),
      expect.stringMatching(
        /^acgs-db:secrets\.internalRotation cannot go to 3 for internal accounts: .* after 1 .* Give 2, /,
      ),
    ]);
  });
});
