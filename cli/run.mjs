#!/usr/bin/env node
// The first step of every command: `./acgs <command> [arguments]` (a link to this file).
//
// Plain JavaScript without packages, because it must run on whatever Node the machine has (18 or later). It finds a Node
// that runs TypeScript, puts that Node first on PATH (Pulumi starts the program with the `node` it finds there), and hands
// over to main.ts.
import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { recentNode } from "../setup/node.mjs";

function handOver(node) {
  // A terminal sends Ctrl-C to every process of the command, so it is not passed on a second time (Pulumi takes a second
  // one as "terminate at once"). A signal sent to this process alone is. Before the start: one that came in between would
  // end this process, and leave the command behind.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  const child = spawn(
    node,
    [join(dirname(fileURLToPath(import.meta.url)), "main.ts"), ...process.argv.slice(2)],
    { stdio: "inherit" },
  );
  child.on("error", (error) => fail(`${node} cannot be started: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(message) {
  process.stderr.write(`✗ ${message}\n`);
  process.exit(1);
}

try {
  const node = recentNode();
  process.env.PATH = [dirname(node), process.env.PATH].filter(Boolean).join(delimiter);
  // main.ts asks whether that is npm (npmArguments.ts).
  process.env.ACGS_DB_STARTED_BY = String(process.ppid);
  if (node === process.execPath) await import("./main.ts");
  else handOver(node);
} catch (error) {
  fail(error.message);
}
