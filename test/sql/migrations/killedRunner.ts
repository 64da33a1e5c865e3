import { text } from "node:stream/consumers";
import { runSqlFiles } from "../../../components/migrations/runner.ts";
import type { SqlRun } from "../../../components/migrations/runner.ts";

// A runner in a process of its own, for tests that kill it; what to run comes as JSON on standard input.
await runSqlFiles(JSON.parse(await text(process.stdin)) as SqlRun);
