import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CACHE_USERS } from "../../../components/roles/cacheUsers.ts";
import { SERVICES } from "../../../lib/names.ts";
import { peerPassword, peerPasswordFile, usersFile } from "../../../components/redis/users.ts";

const NAMES = [...CACHE_USERS.map(({ name }) => name), "admin"];
const all = (password: string) => Object.fromEntries(NAMES.map((name) => [name, [password]]));

describe("the users of a node", () => {
  it("are the application, each service under the name of its login, and internal accounts", () => {
    const file = usersFile(all("x"));
    const users = ["default", "acgs", ...SERVICES.map(({ login }) => login), "admin", "peer"];
    expect(file.match(/^user \S+/gm)).toEqual(users.map((user) => `user ${user}`));
    expect(file.split("\n")[0]).toBe("user default reset off");
  });

  it("are written without any password", () => {
    const file = usersFile(Object.fromEntries(NAMES.map((name) => [name, [`secret-of-${name}`]])));
    expect(file).not.toContain("secret-of-");
  });

  it("take each of several passwords, under the same name and with the same rights", () => {
    const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
    const lineOf = (file: string) => /^user dgm_service .*$/m.exec(file)![0];
    const [one, two] = [all("new"), { ...all("new"), dgm_service: ["new", "old"] }].map((passwords) =>
      lineOf(usersFile(passwords)),
    );
    expect(two).toBe(one!.replace(`#${hashOf("new")}`, `#${hashOf("new")} #${hashOf("old")}`));
  });

  it("stay a line each whatever a password holds", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "binary" }), (password) => {
        expect(usersFile(all(password))).toMatch(
          /^user default reset off\n(user \w+ reset on #[0-9a-f]{64} [\x20-\x7e]+\n){11}$/,
        );
      }),
    );
  });

  it.each(NAMES)("are refused when %s has no password, or an empty one", (name) => {
    const message = `The password of the Redis user ${name} is empty`;
    expect(() => usersFile({ ...all("x"), [name]: [""] })).toThrow(message);
    expect(() => usersFile({ ...all("x"), [name]: ["x", ""] })).toThrow(message);
    expect(() => usersFile({ ...all("x"), [name]: [] })).toThrow(message);
    const { [name]: _, ...others } = all("x");
    expect(() => usersFile(others)).toThrow(message);
  });

  it("have prefixes none of which begins with another", () => {
    const prefixes = CACHE_USERS.map(({ keyPrefix }) => keyPrefix).filter(Boolean);
    expect(prefixes).toHaveLength(SERVICES.length);
    for (const one of prefixes) expect(prefixes.filter((other) => other.startsWith(one))).toEqual([one]);
  });

  it("speak to each other with a password from which the administrator's cannot be told", () => {
    const file = peerPasswordFile(["admin-secret"]);
    expect(file).toMatch(/^masteruser peer\nmasterauth [0-9a-f]{64}\n$/);
    expect(peerPasswordFile(["another"])).not.toBe(file);
    expect(peerPasswordFile(["admin-secret"])).toBe(file);
  });

  it("take from each other the former password beside the new one, and know both of themselves", () => {
    const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
    const passwords = ["new", "old"];
    const peer = /^user peer .*$/m.exec(usersFile({ ...all("x"), admin: passwords }))![0];
    for (const one of passwords) expect(peer).toContain(`#${hashOf(peerPassword(one))} `);
    expect(peerPasswordFile(passwords)).toBe(
      `#former ${peerPassword("old")}\nmasteruser peer\nmasterauth ${peerPassword("new")}\n`,
    );
  });
});
