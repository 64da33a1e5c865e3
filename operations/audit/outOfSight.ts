import { type Benchmark, type Control, DOCKER, POSTGRESQL } from "./control.ts";

/**
 * Titles of the controls that are somebody else's, or that no look at a running stack can decide, by their numbers, after
 * the reason that they have in common.
 */
const ROWS: readonly (readonly [Benchmark, reason: string, Readonly<Record<string, string>>])[] = [
  [
    POSTGRESQL,
    "decided when the image is built: no recommended packages, signatures checked by apt (images/postgres/Dockerfile)",
    { "1.1": "Packages from authorized repositories", "1.2": "Only required packages" },
  ],
  [POSTGRESQL, "a container has no systemd: the engine starts it again", { "1.3": "systemd service files" }],
  [POSTGRESQL, "text to read; docs/audit.md is ours", { "3.1.1": "Why to log" }],
  [
    POSTGRESQL,
    "a container has no service to log in to; who may run docker exec is the engine's matter",
    { "4.1": "Nobody logs in as the server's user" },
  ],
  [
    POSTGRESQL,
    "passwords are generated or checked by the program; the server gets verifiers, of which it cannot tell",
    { "5.6": "Complexity of passwords" },
  ],
  [
    POSTGRESQL,
    "text to read; SECURITY.md is ours",
    { "6.1": "Attack vectors and runtime parameters are understood" },
  ],
  [
    POSTGRESQL,
    "no value is named: the program's are in components/postgres, and npm run drift finds what was changed by hand",
    { "6.3": "Postmaster parameters", "6.4": "SIGHUP parameters", "6.6": "User parameters" },
  ],
  [
    POSTGRESQL,
    "nobody asks this data tier for FIPS; Debian's OpenSSL is not validated",
    { "6.7": "FIPS 140-2 cryptography" },
  ],
  [
    POSTGRESQL,
    "data is not handed to others from this database",
    { "6.11": "An extension for anonymization" },
  ],
  [
    POSTGRESQL,
    "this version of the program makes no backups: replicas are no substitute (SECURITY.md)",
    { "7.3": "Base backups", "7.4": "Archiving of WAL", "8.2": "pgBackRest" },
  ],
  [
    POSTGRESQL,
    "a member has one volume, which is made from the others' as a whole",
    { "8.1": "Subdirectories outside of the data directory" },
  ],
  [
    DOCKER,
    "the host and its engine are the operator's; the program only uses the engine",
    {
      1: "The host: partitions, access, auditing, hardening",
      2: "The daemon's configuration, 2.7 aside",
      3: "Owners and modes of the daemon's files",
      6: "Operations: no sprawl of images and containers",
    },
  ],
  [
    DOCKER,
    "images are built on the host that runs them, from packages whose signatures apt and pip check (images/)",
    { "4.5": "Content trust", "4.11": "Verified packages", "4.12": "Signed artefacts are validated" },
  ],
  [
    DOCKER,
    "a matter of how people use docker exec; the program itself runs commands as the container's own user",
    { "5.23": "docker exec without --privileged", "5.24": "docker exec without --user root" },
  ],
  [DOCKER, "the program uses no Swarm; whether one is on is control 5.1", { 7: "Swarm" }],
];

export const OUT_OF_SIGHT: readonly Control[] = ROWS.flatMap(([benchmark, reason, titles]) =>
  Object.entries(titles).map(([id, title]) => ({
    id,
    title,
    benchmark,
    check: () => ({ result: "not applicable" as const, reason, evidence: "" }),
  })),
);
