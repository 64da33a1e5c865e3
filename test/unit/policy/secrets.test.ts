import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { etcdCommand } from "../../../components/etcd/etcdCommand.ts";
import { scramVerifier } from "../../../components/security/scram.ts";
import { generatePassword } from "../../../components/security/passwords.provider.ts";
import { TYPE } from "../../../lib/pulumi/types.ts";
import { secretIn } from "../../../policy/secretShape.ts";
import { container, resource, resourceRule, stackFaults } from "./support.ts";

const { faults } = resourceRule("no-exposed-secret");

describe("no-exposed-secret", () => {
  const PASSWORD = "hunter-two";

  it.each<[string, Record<string, unknown>, string]>([
    ["an environment variable", { envs: [`PGPASSWORD=${PASSWORD}`] }, "environment variable PGPASSWORD"],
    ["a label", { labels: [{ label: "acgs.rootPassword", value: PASSWORD }] }, "label acgs.rootPassword"],
    ["a flag", { command: ["redis-server", `--requirepass=${PASSWORD}`] }, "command, requirepass"],
    [
      "the word after a flag",
      { command: ["redis-server", "--masterauth-pass", PASSWORD] },
      "command, masterauth-pass",
    ],
    ["an entry point", { entrypoints: ["sh", `PASSWORD=${PASSWORD}`] }, "entrypoints, PASSWORD"],
    [
      "a health check",
      { healthcheck: { tests: ["CMD", "x", "--password", PASSWORD] } },
      "health check, password",
    ],
    ["an option of the log", { logOpts: { "splunk-secret": PASSWORD } }, "logOpts splunk-secret"],
  ])("refuses a secret in %s, and does not say it", (_, args, where) => {
    const found = faults(container(args));
    expect(found).toEqual([`holds a secret by its name (${where})`]);
    expect(found.join()).not.toContain(PASSWORD);
  });

  it("looks at volumes, networks and builds too", () => {
    const one = (type: string, args: Record<string, unknown>) => faults(resource(type, args));
    expect(one(TYPE.volume, { driverOpts: { password: PASSWORD } })).toHaveLength(1);
    expect(one(TYPE.network, { labels: [{ label: "secret", value: PASSWORD }] })).toHaveLength(1);
    expect(
      one(TYPE.image, { name: "a:1", build: { buildArgs: { NPM_TOKEN: generatePassword() } } }),
    ).toHaveLength(1);
    expect(one(TYPE.image, { name: "a:1", build: { labels: { secret: PASSWORD } } })).toHaveLength(1);
  });

  it("lets pass what the project's containers are given", () => {
    expect(
      faults(
        container({
          command: etcdCommand("etcd-1", ["etcd-1"], `acgs-test-${randomBytes(3).toString("hex")}`),
        }),
      ),
    ).toEqual([]);
    expect(
      faults(
        container({
          envs: ["POSTGRES_PASSWORD_FILE=/run/acgs/password", "PGPASSFILE=/run/acgs/.pgpass", "LANG=C.UTF-8"],
          labels: [{ label: "acgs.image", value: "0123456789abcdef0123456789abcdef" }],
          entrypoints: ["sh", "--no-secret", "--verbose"],
          command: [
            "patroni",
            "--password=/run/acgs/password",
            "--key-file=/run/acgs/tls.key",
            "--client-cert-auth=true",
          ],
        }),
      ),
    ).toEqual([]);
  });
});

describe("the shape of a secret", () => {
  it("is known under any name", () => {
    const pem = `-----BEGIN EC PRIVATE KEY-----\n${randomBytes(30).toString("base64")}\n-----END EC PRIVATE KEY-----`;
    expect(secretIn("X", "postgresql://acgs_user:word@postgres-1:5432/acgs_db")).toBe(
      "a URL with a password",
    );
    expect(secretIn("X", "redis://:word@redis-1")).toBe("a URL with a password");
    expect(secretIn("X", pem)).toBe("a private key");
    expect(secretIn("", scramVerifier("a-password"))).toBe("a password's verifier");
    expect(secretIn("", "host=postgres-1 password=word")).toBe("a connection string with a password");
    expect(secretIn("X", "https://example.com:8443/a@b")).toBeUndefined();
  });

  it("is randomness under the name of a key", () => {
    fc.assert(
      fc.property(fc.constantFrom("token", "api-key", "AUTH_TOKEN", "clientCredentials"), (name) => {
        const password = generatePassword();
        // One of letters or digits alone is as good as never generated: 32 characters of 62 kinds.
        fc.pre(/\d/.test(password));
        expect(secretIn(name, password)).toBe("a random value under the name of a key");
        expect(secretIn("name", password)).toBeUndefined();
      }),
    );
    for (const value of [
      "acgs-production-cluster-2",
      "aaaaaaaaaaaaaaa1",
      "acgs-test-3fa2b1",
      "jwt",
      "true",
      "",
    ])
      expect(secretIn("initial-cluster-token", value), value).toBeUndefined();
  });

  it("is any value under the name of a password, but none under one that only holds such a word", () => {
    for (const name of ["password", "PGPASSWORD", "db.passwd", "requirepass", "clientSecret", "POSTGRES_PWD"])
      expect(secretIn(name, "word"), name).toBe("a secret by its name");
    for (const name of [
      "password_encryption",
      "PASSWORD_FILE",
      "secret-path",
      "keyboard",
      "tokens_per_second",
    ])
      expect(secretIn(name, "scram-sha-256"), name).toBeUndefined();
  });
});

describe("no-exposed-password", () => {
  const password = generatePassword();
  const passwords = resource(
    TYPE.passwords,
    { passwords: { replicator: password, short: "a" } },
    "internal-passwords",
  );

  it("finds a password of the stack under any name, and says whose it is", () => {
    const found = stackFaults("no-exposed-password", [
      passwords,
      container({ envs: ["A=1", `GREETING=hello ${password}`] }, "postgres-1"),
    ]);
    expect(found).toEqual(["postgres-1 holds the password of replicator (environment variable GREETING)"]);
  });

  it("lets a stack pass that keeps them in files", () => {
    const uploads = [{ file: "/etc/patroni/secrets.yml", content: password }];
    expect(stackFaults("no-exposed-password", [passwords, container({ uploads, envs: ["A=a"] })])).toEqual(
      [],
    );
  });
});
