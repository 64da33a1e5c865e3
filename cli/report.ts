import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { styleText } from "node:util";
import type { Report, Severity } from "../operations/report/schema.ts";
import { parseReportArguments } from "./arguments.ts";
import { UserError, messageOf } from "../lib/errors.ts";
import { swallowedFlags } from "./npmFlags.ts";
import { say } from "../lib/progress.ts";
import { ensurePulumi } from "../setup/pulumi/ensure.ts";
import { outputsOf } from "../operations/stackOutputs.ts";
import { openStack } from "../lib/pulumi/stackContext.ts";

/** Exit status where `--fail-on` applies; 1 says that there is no report. */
const ADVICE_FOUND = 2;

/**
 * `npm run report -- [stack] [--json[=FILE]] [--fail-on critical|warning]`: how a running stack does, and what to do
 * about it. Returns the exit status.
 */
export async function runReport(args: string[]): Promise<number> {
  const swallowed = swallowedFlags("report", args, process.env);
  if (swallowed) {
    throw new UserError(
      `npm kept ${swallowed.flags.join(" ")} for itself, as it does without "--". Write: ${swallowed.remedy}`,
    );
  }
  const { stack, json, failOn } = parseReportArguments(args);
  const tool = await ensurePulumi();
  const outputs = await outputsOf(tool, await openStack(tool, stack, { create: false }));
  // Only here: these need npm packages, which setup/ does without until they are installed.
  const { adviseOn, reaches } = await import("../operations/report/advice.ts");
  const { collect, NoReport } = await import("../operations/report/collect.ts");
  const { reportSchema } = await import("../operations/report/schema.ts");
  const findings = await collect(stack, outputs).catch((error: unknown) => {
    throw error instanceof NoReport ? new UserError(messageOf(error)) : error;
  });
  const report = reportSchema.parse({ ...findings, advice: adviseOn(findings) });
  if (json === undefined) await print(report);
  else writeJson(report, json);
  return failOn && reaches(report.advice, failOn) ? ADVICE_FOUND : 0;
}

async function print(report: Report): Promise<void> {
  const { render } = await import("../operations/report/render.ts");
  const width = Math.min(Math.max(process.stdout.columns ?? 110, 80), 160);
  process.stdout.write(render(report, { width, style }));
}

const STYLES = { bold: "bold", critical: "red", warning: "yellow", info: "cyan" } as const;

/** No escapes where stdout is no terminal or NO_COLOR is set. */
function style(what: "bold" | Severity, text: string): string {
  return styleText(STYLES[what], text, { stream: process.stdout });
}

/** @param path  from where npm was called; `-` for stdout */
function writeJson(report: Report, path: string): void {
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  if (path === "-") return void process.stdout.write(text);
  const file = resolve(process.env["INIT_CWD"] ?? process.cwd(), path);
  writeFileSync(file, text);
  say(`✓ report of stack ${report.stack}: ${file}`);
}
