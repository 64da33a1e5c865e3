import { auditReport, auditStack } from "../operations/audit/audit.ts";
import { render } from "../operations/audit/render.ts";
import { readStack } from "../operations/stackOutputs.ts";
import { define, jsonOption } from "./command.ts";
import { openExisting } from "./existingStack.ts";
import { EXIT } from "./exitStatus.ts";
import { paint, print, tableWidth, writeJson } from "./output.ts";

const STYLES = { bold: "bold", pass: "green", fail: "red", "not applicable": "gray" } as const;

export const audit = define<{ stack: string; json?: string }>({
  name: "audit",
  group: "Look at a stack:",
  purpose:
    "Checks a running stack against the CIS benchmarks and changes nothing. Exits with 2 if a control fails.",
  stack: true,
  options: [jsonOption()],
  example: "audit prod --json audit.json",
  async run({ stack, json }) {
    const { tool, context } = await openExisting(stack);
    const report = auditReport(stack, await auditStack(await readStack(tool, context)));
    if (json !== undefined) writeJson(report, json, `audit of stack ${stack}`);
    else
      print(
        render(report, { width: tableWidth(80, 240, 160), style: (what, text) => paint(STYLES[what], text) }),
      );
    return report.counts.fail > 0 ? EXIT.found : EXIT.ok;
  },
});
