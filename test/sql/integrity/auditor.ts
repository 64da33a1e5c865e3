import { createHash } from "node:crypto";

// The hashes of the audit trail without a function of the server: from columns as text, as docs/integrity.md describes them.
// The session that reads them has ISO dates in UTC and hexadecimal bytea.

const sha256 = (...parts: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

function int(bytes: 4 | 8, value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return buffer.subarray(8 - bytes);
}

/** Microseconds since 2000 of `2026-11-21 12:00:00.123456+00`. */
function microseconds(text: string): bigint {
  if (text === "-infinity") return -(2n ** 63n);
  const [, moment = "", fraction = ""] = /^(\S+ [\d:]+)(?:\.(\d+))?\+00$/.exec(text) ?? [];
  const since = BigInt(Date.parse(`${moment.replace(" ", "T")}Z`) - Date.UTC(2000, 0, 1));
  return since * 1000n + BigInt(fraction.padEnd(6, "0"));
}

function address(text: string): Buffer {
  const [ip = "", bits] = text.split("/");
  if (!ip.includes(":")) return Buffer.from([2, Number(bits ?? 32), 0, 4, ...ip.split(".").map(Number)]);
  const [head = "", tail = ""] = ip.split("::");
  const groups = (part: string): string[] => part.split(":").filter(Boolean);
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill("0");
  const all = [...groups(head), ...zeros, ...groups(tail)].map((group) => parseInt(group, 16));
  return Buffer.from([3, Number(bits ?? 128), 0, 16, ...all.flatMap((group) => [group >> 8, group & 255])]);
}

/** A type's oid, and its bytes from its text. */
const TYPES = {
  int8: [20, (text: string) => int(8, BigInt(text))],
  xid8: [5069, (text: string) => int(8, BigInt(text))],
  timestamptz: [1184, (text: string) => int(8, microseconds(text))],
  uuid: [2950, (text: string) => Buffer.from(text.replaceAll("-", ""), "hex")],
  inet: [869, address],
  text: [17, (text: string) => Buffer.from(text, "utf8")],
  bytea: [17, (text: string) => Buffer.from(text.slice(2), "hex")],
} as const satisfies Record<string, readonly [number, (text: string) => Buffer]>;
export type Columns = Record<string, keyof typeof TYPES>;
export type Row = Record<string, string | null>;

/** SHA-256 of a record as `record_send` gives it. */
export function hashOfRecord(columns: Columns, row: Row): Buffer {
  const fields = Object.entries(columns).flatMap(([name, type]) => {
    const [oid, bytes] = TYPES[type];
    const value = row[name];
    if (value == null) return [int(4, BigInt(oid)), int(4, -1n)];
    return [int(4, BigInt(oid)), int(4, BigInt(bytes(value).length)), bytes(value)];
  });
  return sha256(int(4, BigInt(Object.keys(columns).length)), ...fields);
}

/** What the hash of a row covers, in this order. */
export const ENTRY: Columns = {
  ...{ id: "int8", created_at: "timestamptz", recorded_xid: "xid8", occurred_at: "timestamptz" },
  ...{ user_id: "uuid", request_id: "uuid", recorded_by: "text", service_name: "text", action: "text" },
  ...{ resource_type: "text", resource_id: "text", outcome: "text", client_address: "inet" },
  ...{ details: "text", constitutional_hash: "text" },
};
/** What the hash of a seal covers, in this order. */
export const SEAL: Columns = {
  ...{ seal_number: "int8", from_xid: "xid8", from_id: "int8", to_xid: "xid8", to_id: "int8" },
  ...{ row_count: "int8", first_id: "int8", last_id: "int8", first_created_at: "timestamptz" },
  ...{ last_created_at: "timestamptz", retained_from: "timestamptz", sealed_at: "timestamptz" },
  ...{ entries_hash: "bytea", previous_hash: "bytea", constitutional_hash: "text" },
};

/** `entries_hash` of a seal from its rows: ids and hashes, month by month. */
export function entriesHash(rows: Row[]): Buffer {
  const monthOf = (row: Row): string => `${row["created_at"]!.slice(0, 7)}-01`;
  const months = [...new Set(rows.map(monthOf))].sort().flatMap((month) => {
    const ascending = rows
      .filter((row) => monthOf(row) === month)
      .sort((a, b) => Number(BigInt(a["id"]!) - BigInt(b["id"]!)));
    const days = BigInt((Date.parse(month) - Date.UTC(2000, 0, 1)) / 86_400_000);
    return [
      int(4, days),
      sha256(...ascending.flatMap((row) => [int(8, BigInt(row["id"]!)), hashOfRecord(ENTRY, row)])),
    ];
  });
  return sha256(...months);
}
