import { adviseOn, reaches } from "../operations/report/advice.ts";
import { collect } from "../operations/report/collect.ts";
import { render } from "../operations/report/render.ts";
import { reportSchema } from "../operations/report/schema.ts";
import { outputsOf } from "../operations/stackOutputs.ts";
import { define, jsonOption, oneOf, valueOption } from "./command.ts";
import { openExisting } from "./existingStack.ts";
import { EXIT } from "./exitStatus.ts";
import { paint, print, tableWidth, writeJson } from "./output.ts";

export interface ReportArguments {
  stack: string;
  json?: string;
  failOn?: "critical" | "warning";
}

const STYLES = { bold: "bold", critical: "red", warning: "yellow", info: "cyan" } as const;

export const report = define<ReportArguments>({
  name: "report",
  group: "Look at a stack:",
  purpose: "Reports the health and load of a running stack, with advice.",
  stack: true,
  options: [
    jsonOption(),
    valueOption(
      "--fail-on <severity>",
      "exit with 2 if there is advice of this severity or a worse one: critical or warning",
      oneOf("critical", "warning"),
    ),
  ],
  example: "report prod --fail-on critical",
  async run({ stack, json, failOn }) {
    const { tool, context } = await openExisting(stack);
    const findings = await collect(stack, await outputsOf(tool, context));
    const report = reportSchema.parse({ ...findings, advice: adviseOn(findings) });
    if (json !== undefined) writeJson(report, json, `report of stack ${stack}`);
    else
      print(
        render(report, { width: tableWidth(80, 160, 110), style: (what, text) => paint(STYLES[what], text) }),
      );
    return failOn && reaches(report.advice, failOn) ? EXIT.found : EXIT.ok;
  },
});
