import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { passphraseFile } from "../../../lib/paths.ts";
import { ownPassphrase, refuseAnother, refuseEmpty } from "../../../lib/pulumi/passphrase.ts";

const directory = mkdtempSync(join(tmpdir(), "acgs-passphrase-"));
afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string, text: string) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};
/** As Pulumi has written it, for the passphrase "the right one". */
const SALT = "v1:ae35yed9TXQ=:v1:86n+O4VN+11v/Wuz:t4uC1Qp9cGqmIpLywipUjJ3k768hKA==";
const state = (secrets_providers?: object) =>
  file("dev.json", JSON.stringify({ checkpoint: { latest: { secrets_providers } } }));
const text = (passphrase: string) => ownPassphrase({ PULUMI_CONFIG_PASSPHRASE: passphrase })!;

describe("the operator's passphrase", () => {
  it("is read as Pulumi reads it", () => {
    const path = file("passphrase", "of a file\n");
    expect(ownPassphrase({})).toBeUndefined();
    expect(ownPassphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: "" })).toBeUndefined();
    expect(ownPassphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: path })?.text).toBe("of a file");
    const both = { PULUMI_CONFIG_PASSPHRASE: "", PULUMI_CONFIG_PASSPHRASE_FILE: path };
    expect(ownPassphrase(both)).toEqual({ variable: "PULUMI_CONFIG_PASSPHRASE", text: "" });
  });

  it.each(["/nonexistent", tmpdir()])("is no file that cannot be read: %s", (path) => {
    expect(() => ownPassphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: path })).toThrow(
      `PULUMI_CONFIG_PASSPHRASE_FILE=${path}: `,
    );
  });

  it("is not empty for a new stack", () => {
    expect(() => refuseEmpty("dev", text(""))).toThrow(
      `PULUMI_CONFIG_PASSPHRASE holds an empty passphrase: with it, everybody could read the passwords of the new stack dev. ` +
        `Nothing was made. Give it a passphrase, or unset the variable: then one is made in ${passphraseFile}.`,
    );
    const empty = ownPassphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: file("empty", "\n") });
    expect(() => refuseEmpty("dev", empty)).toThrow(
      "PULUMI_CONFIG_PASSPHRASE_FILE holds an empty passphrase",
    );
    expect(() => refuseEmpty("dev", text(" "))).not.toThrow();
    expect(() => refuseEmpty("dev", undefined)).not.toThrow();
  });

  it("is the one of the stack that is there, or the error says what helps", async () => {
    const path = state({ type: "passphrase", state: { salt: SALT } });
    await refuseAnother("dev", text("the right one"), path);
    await expect(refuseAnother("dev", text("another"), path)).rejects.toThrow(
      /^PULUMI_CONFIG_PASSPHRASE is not the passphrase of stack dev: its state cannot be read with it\. .*[uU]nset/,
    );
  });

  it("does not matter where a key service encrypts the state, or nothing is encrypted yet", async () => {
    await refuseAnother("dev", text("another"), state({ type: "cloud", state: { url: "awskms://" } }));
    await refuseAnother("dev", text("another"), state());
  });
});
