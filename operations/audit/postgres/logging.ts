import { type Control, fineIf, type Look, ofMembers } from "../control.ts";
import type { AuditedMember } from "../facts.ts";
import { parametersAre, shown } from "./settings.ts";

const TO_STDERR = "the server writes to stderr, which the engine keeps and rotates: it opens no log files";
const NO_SYSLOG = "the server does not write to syslog";

/** Settings of a way of logging that is not used; wrong where it is. */
function unused(
  id: string,
  title: string,
  used: (member: AuditedMember) => boolean,
  reason: string,
): Control {
  const look = (member: AuditedMember): Look => [
    used(member) ? "wrong" : "excused",
    shown(member, "log_destination", "logging_collector"),
  ];
  return ofMembers(id, title, look, {
    fine: reason,
    excused: reason,
    wrong: "it is used, and this audit does not know how",
  });
}

const collected = ({ settings }: AuditedMember) => settings["logging_collector"] !== "off";
const toSyslog = ({ settings }: AuditedMember) => (settings["log_destination"] ?? "").includes("syslog");

const pgaudit = ({ settings }: AuditedMember) => ({
  loaded: (settings["shared_preload_libraries"] ?? "").split(/[\s,]+/).includes("pgaudit"),
  classes: (settings["pgaudit.log"] ?? "").split(/[\s,]+/),
});

const MORE_SEVERE = ["warning", "error", "log", "fatal", "panic"];
/** Time, process, login, database, application, client. */
const PREFIX_NEEDS = [/%[mtn]/, /%p/, /%u/, /%d/, /%a/, /%[hr]/];

export const LOGGING: readonly Control[] = [
  parametersAre("3.1.2", "Log destinations", { log_destination: "stderr" }, { fine: TO_STDERR }),
  unused("3.1.3", "The logging collector is on", collected, TO_STDERR),
  unused("3.1.4", "Directory of log files", collected, TO_STDERR),
  unused("3.1.5", "Names of log files", collected, TO_STDERR),
  unused("3.1.6", "Permissions of log files", collected, TO_STDERR),
  unused("3.1.7", "Log files are truncated on rotation", collected, TO_STDERR),
  unused("3.1.8", "Lifetime of log files", collected, TO_STDERR),
  unused("3.1.9", "Size of log files", collected, TO_STDERR),
  unused("3.1.10", "Syslog facility", toSyslog, NO_SYSLOG),
  unused("3.1.11", "Syslog messages are not suppressed", toSyslog, NO_SYSLOG),
  unused("3.1.12", "Syslog messages are not cut", toSyslog, NO_SYSLOG),
  unused("3.1.13", "Program name for syslog", toSyslog, NO_SYSLOG),
  ofMembers(
    "3.1.14",
    "Messages from warnings on are logged",
    (member) =>
      fineIf(
        !MORE_SEVERE.slice(1).includes(member.settings["log_min_messages"] ?? "panic"),
        shown(member, "log_min_messages"),
      ),
    { fine: "warnings are logged", wrong: "warnings are not logged" },
  ),
  ofMembers(
    "3.1.15",
    "Statements that cause errors are logged",
    (member) =>
      member.settings["log_min_error_statement"] === "error"
        ? ["fine", shown(member, "log_min_error_statement")]
        : [pgaudit(member).loaded ? "excused" : "wrong", shown(member, "log_min_error_statement")],
    {
      fine: "as recommended",
      excused:
        "on purpose: a statement's text holds values of rows, and of CREATE ROLE a password; the error itself is logged, and pgaudit logs who did what (docs/audit.md)",
      wrong: "neither statements of errors nor pgaudit's lines are logged",
    },
  ),
  parametersAre("3.1.16", "debug_print_parse is off", { debug_print_parse: "off" }),
  parametersAre("3.1.17", "debug_print_rewritten is off", { debug_print_rewritten: "off" }),
  parametersAre("3.1.18", "debug_print_plan is off", { debug_print_plan: "off" }),
  parametersAre("3.1.19", "debug_pretty_print is on", { debug_pretty_print: "on" }),
  parametersAre("3.1.20", "Connections are logged", { log_connections: "on" }),
  parametersAre("3.1.21", "Disconnections are logged", { log_disconnections: "on" }),
  ofMembers(
    "3.1.22",
    "Verbosity of errors",
    (member) => [
      member.settings["log_error_verbosity"] === "terse" ? "excused" : "wrong",
      shown(member, "log_error_verbosity"),
    ],
    {
      fine: "terse",
      excused:
        "terse on purpose: what the benchmark asks for (verbose) writes values of failing rows into the log (docs/audit.md)",
      wrong: "details of errors, with values of rows, come into the log: the program sets terse",
    },
  ),
  parametersAre("3.1.23", "No look-up of host names", { log_hostname: "off" }),
  ofMembers(
    "3.1.24",
    "Lines say when, who, with what and from where",
    (member) =>
      fineIf(
        PREFIX_NEEDS.every((part) => part.test(member.settings["log_line_prefix"] ?? "")),
        shown(member, "log_line_prefix"),
      ),
    { fine: "time, process, login, database, application and client", wrong: "a part is missing" },
  ),
  ofMembers(
    "3.1.25",
    "DDL is logged",
    (member) => {
      const seen = shown(member, "log_statement", "pgaudit.log");
      if (["ddl", "mod", "all"].includes(member.settings["log_statement"] ?? "")) return ["fine", seen];
      const { loaded, classes } = pgaudit(member);
      return [loaded && classes.includes("ddl") ? "excused" : "wrong", seen];
    },
    {
      fine: "by log_statement",
      excused: "pgaudit logs DDL, without the passwords that log_statement would write down",
      wrong: "neither log_statement nor pgaudit logs DDL",
    },
  ),
  parametersAre("3.1.26", "Time zone of the log", { log_timezone: "UTC" }),
  unused("3.1.27", "The log directory is outside of the data directory", collected, TO_STDERR),
  ofMembers(
    "3.2",
    "pgaudit is on",
    (member) => {
      const { loaded, classes } = pgaudit(member);
      const fine = loaded && ["ddl", "role", "write"].every((one) => classes.includes(one));
      return fineIf(fine, loaded ? shown(member, "pgaudit.log", "pgaudit.role") : "not loaded");
    },
    {
      fine: "DDL, changes of roles and writes",
      wrong: "pgaudit is not loaded, or does not log DDL, roles and writes",
    },
  ),
];
