import { X509Certificate, createPrivateKey, generateKeyPairSync } from "node:crypto";
import { isIP } from "node:net";
import { connect, createServer } from "node:tls";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { provider } from "../../../components/security/certificateAuthority.provider.ts";
import { certificatePolicy, renewalWindow } from "../../../components/security/certificatePolicy.ts";
import {
  authorityFault,
  createAuthority,
  endOf,
  issueCertificate,
} from "../../../components/security/x509.ts";
import { clientName } from "../../../components/stack/schemaParts.ts";
import { assertOfMany, hostileName } from "../../support/hostile.ts";

const DAY_MS = 86_400_000;
const authority = await createAuthority("acgs-unit", 3650);
const NAMES = ["postgres-1", "db.example.org", "127.0.0.1", "fd00::1"];
const leaf = await issueCertificate(authority, NAMES, 90);

describe("a certificate", () => {
  it("is signed by the authority, fits its key, and carries all names", () => {
    const certificate = new X509Certificate(leaf.certificate);
    expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(leaf.key))).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkHost("postgres-1")).toBe("postgres-1");
    expect(certificate.checkHost("db.example.org")).toBe("db.example.org");
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(certificate.checkIP("fd00::1")).toBe("fd00::1");
    expect(certificate.checkHost("postgres-2")).toBeUndefined();
  });

  it("carries every name that the configuration takes, as OpenSSL reads it", async () => {
    const mapped = fc.ipV4().map((address) => `::ffff:${address}`);
    const name = fc.oneof(hostileName, fc.domain(), fc.ipV4(), fc.ipV6(), mapped);
    await assertOfMany(name, 300, async (given) => {
      const names = given.filter((one) => clientName.safeParse(one).success);
      expect(names.length).toBeGreaterThan(30);
      const certificate = new X509Certificate(
        (await issueCertificate(authority, ["a", ...names], 1)).certificate,
      );
      const missing = names.filter(
        (one) => (isIP(one) === 0 ? certificate.checkHost(one) : certificate.checkIP(one)) === undefined,
      );
      expect(missing).toEqual([]);
    });
  });

  it("is one of its own each time, and valid for the days asked for", async () => {
    const other = await issueCertificate(authority, NAMES, 90);
    expect(new X509Certificate(other.certificate).serialNumber).not.toBe(
      new X509Certificate(leaf.certificate).serialNumber,
    );
    const days = (Date.parse(endOf(leaf.certificate)) - Date.now()) / DAY_MS;
    expect(Math.round(days)).toBe(90);
  });

  it("never outlives its authority", async () => {
    const short = await createAuthority("short", 10);
    const { certificate } = await issueCertificate(short, ["a"], 365);
    expect(endOf(certificate)).toBe(endOf(short.certificate));
  });

  it("is taken by a client that trusts the authority, and by no other", async () => {
    const server = createServer({ cert: leaf.certificate, key: leaf.key }, (socket) => socket.end());
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as { port: number };
    const attempt = (ca: string) =>
      new Promise<string>((done) => {
        const socket = connect({ host: "127.0.0.1", port, ca }, () => done("taken"));
        socket.on("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
      });
    const stranger = await createAuthority("acgs-unit", 3650);
    expect(await attempt(authority.certificate)).toBe("taken");
    expect(await attempt(stranger.certificate)).toMatch(/UNABLE_TO_VERIFY|SIGNATURE|SELF_SIGNED/);
    server.close();
  });
});

describe("an operator's own authority", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const strange = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  it.each([
    ["is taken", authority, undefined],
    ["needs the key that fits", { ...authority, key: strange }, "the key is not the certificate's"],
    ["is no server's certificate", leaf, "not an authority's"],
    [
      "is without its key",
      { ...authority, certificate: authority.certificate + authority.key },
      "more than a single certificate, such as its key",
    ],
    [
      "is without a chain",
      { ...authority, certificate: authority.certificate.repeat(2) },
      "more than a single",
    ],
    ["is PEM", { ...authority, certificate: "nonsense" }, "no PEM certificate"],
    ["has a key in PEM", { ...authority, key: "nonsense" }, "no unencrypted PKCS #8 key"],
  ])("%s", async (_, pair, fault) => {
    const found = await authorityFault(pair, Date.now());
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(fault);
  });

  it("is refused at preview with key and remedy, and without showing it", async () => {
    const own = { ...authority, key: strange };
    const inputs = { authorityName: "acgs-dev", origin: "from configuration" as const, own };
    const { failures = [] } = await provider.check!(inputs, inputs);
    expect(failures).toHaveLength(1);
    expect(failures[0]!.reason).toContain("acgs-db:certificateAuthority");
    expect(failures[0]!.reason).toContain("pulumi config set --secret");
    expect(failures[0]!.reason).not.toContain(strange);
  });

  it("that has ended is told from one that has not", async () => {
    expect(await authorityFault(authority, Date.now() + 4000 * DAY_MS)).toMatch(/ended on \d{4}-\d\d-\d\d/);
  });
});

describe("the stack's authority", () => {
  const inputs = { authorityName: "acgs-dev", origin: "made for the stack" as const };

  it("is made once and kept by every update", async () => {
    const { outs } = (await provider.create(inputs)) as { outs: { certificate: string; key: string } };
    const later = await provider.update!("authority", outs as never, { ...inputs, authorityName: "other" });
    expect(later.outs).toMatchObject({ certificate: outs.certificate, key: outs.key });
  });
});

describe("renewal", () => {
  it("is due when a third of the validity has begun, whatever the day of the year", () => {
    const start = Date.parse("2026-11-21T10:00:00Z");
    const dates = Array.from({ length: 365 }, (_, day) => renewalWindow(90, start + day * DAY_MS));
    const steps = new Set(dates);
    expect(steps.size).toBeGreaterThanOrEqual(12);
    for (const [day, date] of dates.entries()) {
      const age = start + day * DAY_MS - Date.parse(date);
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(30 * DAY_MS);
    }
  });

  it("is one date all day, so that a second update changes nothing", () => {
    const noon = Date.parse("2026-11-21T12:00:00Z");
    const tls = { names: [], validDays: 3, renewal: 0 };
    expect(certificatePolicy(tls, noon)).toEqual(certificatePolicy(tls, noon + 11 * 3_600_000));
  });
});
