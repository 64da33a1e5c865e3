import { type Control, fineIf, ofMembers, type Reasons } from "../control.ts";
import type { AuditedMember } from "../facts.ts";

/** `name=value` of some parameters. */
export function shown({ settings }: AuditedMember, ...names: string[]): string {
  return names.map((name) => `${name}=${settings[name] ?? "unknown"}`).join(", ");
}

/** A control that asks parameters to have exact values. */
export function parametersAre(
  id: string,
  title: string,
  wanted: Readonly<Record<string, string>>,
  reasons: Partial<Reasons> = {},
): Control {
  const names = Object.keys(wanted);
  const look = (member: AuditedMember) =>
    fineIf(
      names.every((name) => member.settings[name] === wanted[name]),
      shown(member, ...names),
    );
  const asked = names.map((name) => `${name}=${wanted[name] === "" ? "''" : wanted[name]!}`).join(", ");
  return ofMembers(id, title, look, { fine: "as recommended", wrong: `recommended: ${asked}`, ...reasons });
}

/** Kinds of ciphers that are weak by OpenSSL's own reckoning. 3DES is of MEDIUM. */
const WEAK =
  /^(ALL|COMPLEMENTOFALL|DEFAULT|MEDIUM|LOW|EXP(ORT)?|3DES|DES|RC4|MD5|NULL|eNULL|aNULL|ADH|SEED|IDEA)$/;

/** Words of an OpenSSL list that let weak ciphers in; `!` and `-` take out, `+` only moves. */
export function weakCiphers(list: string): string[] {
  const words = list.split(/[:, ]+/).filter(Boolean);
  const weak = words.filter((word) => WEAK.test(word));
  // HIGH alone has ciphers without authentication.
  return weak.length === 0 && words.includes("HIGH") && !words.includes("!aNULL")
    ? ["HIGH with aNULL"]
    : weak;
}

export const SETTINGS: readonly Control[] = [
  parametersAre("6.2", "Backend parameters", {
    ignore_system_indexes: "off",
    jit_debugging_support: "off",
    jit_profiling_support: "off",
    post_auth_delay: "0",
  }),
  parametersAre("6.5", "Superuser parameters", {
    allow_system_table_mods: "off",
    ignore_checksum_failure: "off",
    zero_damaged_pages: "off",
    dynamic_library_path: "$libdir",
  }),
  ofMembers(
    "6.8",
    "TLS is on, 1.2 or later, with a key that only the server reads",
    (member) =>
      fineIf(
        member.settings["ssl"] === "on" &&
          /^TLSv1\.[23]$/.test(member.settings["ssl_min_protocol_version"] ?? "") &&
          /^[46]00 postgres$/.test(member.files.key),
        `${shown(member, "ssl", "ssl_min_protocol_version")}, key ${member.files.key}`,
      ),
    { fine: "as recommended", wrong: "TLS is off, allows old versions, or its key can be read by others" },
  ),
  ofMembers(
    "6.9",
    "A cryptographic extension is there",
    ({ extensions }) =>
      fineIf(extensions.includes("pgcrypto"), extensions.includes("pgcrypto") ? "pgcrypto" : "no pgcrypto"),
    { fine: "sensitive settings are encrypted by pgcrypto", wrong: "pgcrypto is missing in the database" },
  ),
  ofMembers(
    "6.10",
    "No weak TLS ciphers",
    (member) =>
      fineIf(weakCiphers(member.settings["ssl_ciphers"] ?? "ALL").length === 0, shown(member, "ssl_ciphers")),
    {
      fine: "strong ciphers only",
      wrong:
        "the list for TLS 1.2 names weak ciphers (MEDIUM, 3DES …); ssl_ciphers should name strong ones only",
    },
  ),
  parametersAre("8.3", "Other settings: no libraries loaded by a session", {
    local_preload_libraries: "",
    session_preload_libraries: "",
  }),
];
