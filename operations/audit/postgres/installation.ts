import { type Control, fineIf, noneOf, ofMembers, POSTGRESQL } from "../control.ts";
import { shown } from "./settings.ts";

export const INSTALLATION: readonly Control[] = [
  ofMembers(
    "1.4",
    "The data cluster is initialized well",
    (member) =>
      fineIf(
        member.settings["data_checksums"] === "on" && member.files.dataDirectory === "700 postgres",
        `${shown(member, "data_checksums")}, data directory ${member.files.dataDirectory}`,
      ),
    { fine: "with checksums, for its owner only", wrong: "without checksums, or open to others" },
  ),
  {
    id: "1.5",
    title: "The version is up to date",
    benchmark: POSTGRESQL,
    check: ({ members }) => {
      const versions = [...new Set(members.map(({ version }) => version))];
      const evidence = members.map(({ name, version }) => `${name}: ${version}`).join(", ");
      if (versions.length !== 1 || !/^15\./.test(versions[0]!))
        return { result: "fail", reason: "members differ, or are not of version 15", evidence };
      return {
        result: "not applicable",
        reason:
          "which version is the latest is not known here: compare with postgresql.org; a later PACKAGES_AS_OF in images/postgres/Dockerfile takes it in",
        evidence,
      };
    },
  },
  ofMembers("1.6", "PGPASSWORD is in no profile", ({ files }) => noneOf(files.profiles), {
    fine: "no profile names it",
    wrong: "take it out of these files",
  }),
  ofMembers("1.7", "PGPASSWORD is in no environment", ({ files }) => noneOf(files.passwordInEnvironment), {
    fine: "no process has it",
    wrong: "a process has the password in its environment",
  }),
];

/** Whether a mode and owner such as `755 root` lets nobody but the owner write. */
function writtenByOwner(modeAndOwner: string, owner: string): boolean {
  const [mode = "777", of] = modeAndOwner.split(" ");
  return of === owner && (Number.parseInt(mode, 8) & 0o022) === 0;
}

export const FILES: readonly Control[] = [
  ofMembers(
    "2.1",
    "The file mask is 0077",
    ({ files }) => fineIf(files.umask === "0077", `umask ${files.umask}`),
    { fine: "of the server's own process", wrong: "files that the server makes can be read by others" },
  ),
  ofMembers(
    "2.2",
    "The extension directory is root's",
    ({ files }) => fineIf(writtenByOwner(files.extensions, "root"), files.extensions),
    { fine: "the server cannot write there", wrong: "others than root can add extensions" },
  ),
  ofMembers("2.3", "psql keeps no history", ({ files }) => noneOf(files.histories), {
    fine: "none is there, and what psql leaves in /tmp is in memory",
    wrong: "delete these files",
  }),
  ofMembers("2.4", "No passwords in a service file", ({ files }) => noneOf(files.serviceFiles), {
    fine: "there is no pg_service.conf",
    wrong: "there is one: it should not be needed",
  }),
];
