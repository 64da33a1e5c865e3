import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { styleText } from "node:util";
import type { AuditReport } from "../operations/audit/audit.ts";
import type { Verdict } from "../operations/audit/control.ts";
import { parseStackArguments } from "./arguments.ts";
import { UserError, messageOf } from "../lib/errors.ts";
import { swallowedFlags } from "./npmFlags.ts";
import { say } from "../lib/progress.ts";
import { ensurePulumi } from "../setup/pulumi/ensure.ts";
import { readStack } from "../operations/stackOutputs.ts";
import { openStack } from "../lib/pulumi/stackContext.ts";

/** Exit status where a control fails; 1 says that there is no audit. */
const FAILS = 2;

/**
 * `npm run audit -- [stack] [--json[=FILE]]`: a running stack against the controls of the CIS benchmarks. Changes nothing.
 * Returns the exit status.
 */
export async function runAudit(args: string[]): Promise<number> {
  const swallowed = swallowedFlags("audit", args, process.env);
  if (swallowed) {
    throw new UserError(
      `npm kept ${swallowed.flags.join(" ")} for itself, as it does without "--". Write: ${swallowed.remedy}`,
    );
  }
  const { stack, json } = parseAuditArguments(args);
  const tool = await ensurePulumi();
  const context = await openStack(tool, stack, { create: false });
  const known = await readStack(tool, context);
  const { auditReport, auditStack, NoAudit } = await import("../operations/audit/audit.ts");
  const findings = await auditStack(known).catch((error: unknown) => {
    throw error instanceof NoAudit ? new UserError(messageOf(error)) : error;
  });
  const report = auditReport(stack, findings);
  if (json === undefined) await print(report);
  else writeJson(report, json);
  return report.counts.fail > 0 ? FAILS : 0;
}

/**
 * Reads `[stack] [--json[=FILE]]`.
 * @returns json: a path, or `-` for stdout; undefined for people's text
 * @throws Fault for anything else
 */
export function parseAuditArguments(args: string[]): { stack: string; json?: string } {
  const isJson = (arg: string) => arg === "--json" || arg.startsWith("--json=");
  const given = args.filter(isJson).at(-1);
  const { stack, flags } = parseStackArguments(args.filter((arg) => !isJson(arg)));
  if (flags.length > 0)
    throw new UserError(`audit does not take ${flags.join(" ")}; it takes [stack] and --json[=FILE].`);
  return { stack, ...(given !== undefined && { json: given.slice("--json=".length) || "-" }) };
}

async function print(report: AuditReport): Promise<void> {
  const { render } = await import("../operations/audit/render.ts");
  const width = Math.min(Math.max(process.stdout.columns ?? 160, 80), 240);
  process.stdout.write(render(report, { width, style }));
}

const STYLES = { bold: "bold", pass: "green", fail: "red", "not applicable": "gray" } as const;

/** No escapes where stdout is no terminal or NO_COLOR is set. */
function style(what: "bold" | Verdict, text: string): string {
  return styleText(STYLES[what], text, { stream: process.stdout });
}

/** @param path  from where npm was called; `-` for stdout */
function writeJson(report: AuditReport, path: string): void {
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  if (path === "-") return void process.stdout.write(text);
  const file = resolve(process.env["INIT_CWD"] ?? process.cwd(), path);
  writeFileSync(file, text);
  say(`✓ audit of stack ${report.stack}: ${file}`);
}
