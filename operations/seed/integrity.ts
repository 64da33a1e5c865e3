import { userName } from "./auth.ts";
import { DAY } from "./clock.ts";
import { bytes, NULL, time } from "./copyText.ts";
import { seedAccount } from "./seedRecord.ts";
import { BATCH_ROWS, type Dataset, type TableData } from "./dataset.ts";
import { Choice, zipf } from "./distribution.ts";
import { address, RESOURCE_TRAFFIC, SERVICE_TRAFFIC, titleCase } from "./vocabulary.ts";

const VERBS = new Choice({
  read: 46,
  evaluate: 24,
  update: 11,
  create: 7,
  verify: 5,
  approve: 3,
  export: 2,
  delete: 2,
});
const OUTCOMES = new Choice({ success: 94, denied: 4, failure: 2 });
const KEY_KINDS = new Choice({ "ecdsa-p256": 45, ed25519: 25, "rsa-3072": 20, "ecdsa-p384": 10 });
const SIGNATURE_OF: Record<string, string> = {
  "ecdsa-p256": "ecdsa-p256-sha256",
  ed25519: "ed25519",
  "rsa-3072": "rsa-pss-sha256",
  "ecdsa-p384": "ecdsa-p256-sha256",
};
const PURPOSES = new Choice({ approval: 55, authorship: 25, attestation: 18, timestamp: 2 });
const DOCUMENTS = new Choice({ policy: 60, decision: 20, principle: 10, verification_result: 10 });
const AUTHORITIES = 3;

const keyKind = (set: Dataset, i: number) =>
  KEY_KINDS.at(set.random("integrity.certificates.kind").at(i).unit());

/** Armour as tools write it: 64 characters a line. What is in it is no key. */
function armour(title: string, set: Dataset, i: number, lines: number): string {
  const keys = set.keys("integrity.armour");
  let body = "";
  for (let line = 0; line < lines; line++) body += `${keys.hex(i * 64 + line, 256)}\\n`;
  return `-----BEGIN ${title}-----\\n${body}-----END ${title}-----`;
}

export const certificates: TableData = {
  name: "integrity.certificates",
  columns: [
    ...[
      "id",
      "fingerprint",
      "serial_number",
      "subject_name",
      "issuer_name",
      "issuer_certificate_id",
      "is_authority",
    ],
    ...[
      "public_key_algorithm",
      "certificate_pem",
      "owner_id",
      "not_before",
      "not_after",
      "status",
      "revoked_at",
    ],
    ...["revocation_reason", "created_at", "updated_at"],
  ],
  rows(set) {
    const keys = set.keys("integrity.certificates");
    const random = set.random("integrity.certificates");
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const isAuthority = i < AUTHORITIES;
        const issuer = isAuthority ? 0 : i % AUTHORITIES;
        const owner = random.below(set.counts["auth.users"]);
        const made = set.start - random.between(1, 300) * DAY;
        const isRevoked = !isAuthority && random.chance(0.03);
        const revoked = time(made + random.below(set.until - made));
        const subject = isAuthority ? `CN=ACGS Authority ${i} ${set.tag}` : `CN=${userName(set, owner)}`;
        return (
          `${keys.uuid(i)}\t${keys.hex(i, 256)}\t${keys.hex(~i, 128)}\t${subject},O=ACGS` +
          `\tCN=ACGS Authority ${issuer} ${set.tag},O=ACGS\t${i === 0 ? NULL : keys.uuid(issuer)}` +
          `\t${isAuthority ? "t" : "f"}\t${keyKind(set, i)}\t${armour("CERTIFICATE", set, i, 16)}` +
          `\t${isAuthority ? NULL : set.keys("auth.users").uuid(owner)}\t${time(made)}\t${time(made + 730 * DAY)}` +
          `\t${isRevoked ? "revoked" : "active"}\t${isRevoked ? revoked : NULL}\t${isRevoked ? "superseded" : NULL}` +
          `\t${time(made)}\t${isRevoked ? revoked : time(made)}`
        );
      },
    };
  },
};

export const pgpKeys: TableData = {
  name: "integrity.pgp_keys",
  columns: [
    ...[
      "id",
      "fingerprint",
      "owner_id",
      "user_name",
      "email",
      "algorithm",
      "public_key",
      "private_key_reference",
    ],
    ...["trust_level", "status", "key_created_at", "expires_at", "created_at", "updated_at"],
  ],
  rows(set) {
    const keys = set.keys("integrity.pgp_keys");
    const random = set.random("integrity.pgp_keys");
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const owner = random.below(set.counts["auth.users"]);
        const name = userName(set, owner);
        const made = set.start - random.between(1, 300) * DAY;
        return (
          `${keys.uuid(i)}\t${keys.hex(i, 160)}\t${set.keys("auth.users").uuid(owner)}` +
          `\t${titleCase(name.slice(0, name.lastIndexOf(".")))}\t${name}@example.org\ted25519` +
          `\t${armour("PGP PUBLIC KEY BLOCK", set, ~i, 12)}\tvault:pgp/${set.tag}/${i}` +
          `\t${random.pick(["marginal", "full", "full", "ultimate"])}\tactive\t${time(made)}\t${time(made + 1095 * DAY)}` +
          `\t${time(made)}\t${time(made)}`
        );
      },
    };
  },
};

/**
 * Key and time of an entry are the server's and nobody's choice, so all are of the month in which they are written;
 * what they tell of is spread over the months (occurred_at). The first of each batch is the seeding's own entry, by which
 * the batch is found again.
 */
export const auditLogs: TableData = {
  name: "integrity.audit_logs",
  columns: [
    ...["occurred_at", "user_id", "request_id", "service_name", "action", "resource_type", "resource_id"],
    ...["outcome", "client_address", "details"],
  ],
  key: { user_id: "uuid", request_id: "uuid" },
  isTimedByServer: true,
  rows(set) {
    const requests = set.keys("integrity.audit_logs.request");
    const random = set.random("integrity.audit_logs");
    const count = set.counts["integrity.audit_logs"];
    const account = seedAccount(set).id;
    const user = zipf(set.counts["auth.users"]);
    const policy = zipf(set.counts["gs.policies"]);
    return {
      key: (i) => [account, requests.uuid(i)],
      row(i) {
        random.at(i);
        const occurred = time(set.office.at((i + random.unit()) / count));
        if (i % BATCH_ROWS === 0) {
          return (
            `${occurred}\t${account}\t${requests.uuid(i)}\tintegrity_service\tdata.generate\ttable` +
            `\tintegrity.audit_logs\tsuccess\t${NULL}\t{"seed":${set.options.seed},"from":${i}}`
          );
        }
        const resource = RESOURCE_TRAFFIC.at(random.unit());
        const verb = VERBS.at(random.unit());
        const which = resource === "policy" ? policy.index(random.unit()) : random.below(100_000);
        const who = random.chance(0.12) ? NULL : set.keys("auth.users").uuid(user.index(random.unit()));
        const change = verb === "update" ? `,"version":${random.between(2, 9)}` : "";
        return (
          `${occurred}\t${who}\t${requests.uuid(i)}\t${SERVICE_TRAFFIC.at(random.unit())}\t${resource}.${verb}` +
          `\t${resource}\t${set.keys(resource === "policy" ? "gs.policies" : resource).uuid(which)}` +
          `\t${OUTCOMES.at(random.unit())}\t${address(random)}` +
          `\t{"duration_ms":${Math.round(random.skewed(12, 0.9))},"channel":"${random.pick(["api", "console", "job"])}"${change}}`
        );
      },
    };
  },
};

export const signatures: TableData = {
  name: "integrity.signatures",
  columns: [
    ...["id", "document_hash", "document_type", "document_id", "signature_value", "signature_algorithm"],
    ...[
      "certificate_id",
      "pgp_key_id",
      "signer_id",
      "purpose",
      "signed_at",
      "verification_status",
      "verified_at",
    ],
    ...["created_at", "updated_at"],
  ],
  needs: ["integrity.certificates", "integrity.pgp_keys"],
  rows(set) {
    const keys = set.keys("integrity.signatures");
    const random = set.random("integrity.signatures");
    const count = set.counts["integrity.signatures"];
    const documents = set.keys("integrity.documents");
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const document = random.below(set.counts["integrity.hash_records"]);
        const isPgp = random.chance(0.2);
        const certificate = AUTHORITIES + random.below(set.counts["integrity.certificates"] - AUTHORITIES);
        const signed = set.office.at((i + random.unit()) / count);
        const status = random.chance(0.9) ? "valid" : random.chance(0.1) ? "invalid" : "unverified";
        const verified = time(Math.min(set.until, signed + random.below(60_000)));
        return (
          `${keys.uuid(i)}\t${set.keys("integrity.hash_records").hex(document, 256)}\t${DOCUMENTS.at(random.unit())}` +
          `\t${documents.uuid(document >>> 1)}\t${bytes(keys.hex(i, 256) + keys.hex(~i, 256))}` +
          `\t${isPgp ? "openpgp" : SIGNATURE_OF[keyKind(set, certificate)]}` +
          `\t${isPgp ? NULL : set.keys("integrity.certificates").uuid(certificate)}` +
          `\t${isPgp ? set.keys("integrity.pgp_keys").uuid(random.below(set.counts["integrity.pgp_keys"])) : NULL}` +
          `\t${set.keys("auth.users").uuid(random.below(set.counts["auth.users"]))}\t${PURPOSES.at(random.unit())}` +
          `\t${time(signed)}\t${status}\t${status === "unverified" ? NULL : verified}\t${time(signed)}\t${time(signed)}`
        );
      },
    };
  },
};

export const hashRecords: TableData = {
  name: "integrity.hash_records",
  columns: [
    ...["id", "hash_value", "document_type", "document_id", "document_version", "size_bytes", "recorded_by"],
    ...["verification_status", "verified_at", "metadata", "created_at", "updated_at"],
  ],
  rows(set) {
    const keys = set.keys("integrity.hash_records");
    const random = set.random("integrity.hash_records");
    const count = set.counts["integrity.hash_records"];
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i >>> 1); // two versions of one document
        const type = DOCUMENTS.at(random.unit());
        random.at(~i);
        const made = set.office.at((i + random.unit()) / count);
        const status = random.chance(0.7) ? "match" : random.chance(0.01) ? "mismatch" : "unverified";
        const verified = time(Math.min(set.until, made + random.below(3_600_000)));
        return (
          `${keys.uuid(i)}\t${keys.hex(i, 256)}\t${type}\t${set.keys("integrity.documents").uuid(i >>> 1)}\t${(i & 1) + 1}` +
          `\t${Math.round(random.skewed(9000, 1))}\t${set.keys("auth.users").uuid(random.below(set.counts["auth.users"]))}` +
          `\t${status}\t${status === "unverified" ? NULL : verified}\t{"media_type":"application/json"}` +
          `\t${time(made)}\t${time(made)}`
        );
      },
    };
  },
};

/** The tables of `integrity` that are filled, each after those it references. */
export const INTEGRITY_TABLES = [certificates, pgpKeys, auditLogs, signatures, hashRecords];
