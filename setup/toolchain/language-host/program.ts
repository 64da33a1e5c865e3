// Runs a Pulumi program: one Node process that executes the SDK's own `cmd/run`.
import { spawn } from "node:child_process";
import type { ServerUnaryCall } from "@grpc/grpc-js";
import type { RunRequest } from "@pulumi/pulumi/proto/language_pb.js";
import { readOptions } from "./options.ts";
import { locate } from "./sdk.ts";

/** The SDK ends with this code when it has told the operator already what went wrong. */
const ALREADY_REPORTED = 32;

/** How a program ended. `bail`: it failed, and there is nothing to add to what it said. */
export interface Ending {
  readonly error: string;
  readonly bail: boolean;
}

/**
 * Runs the program of a request until it ends or the call is cancelled.
 * Its output goes where the host's own goes: Pulumi reads it from there.
 */
export function runProgram(
  call: ServerUnaryCall<RunRequest, unknown>,
  engineAddress: string,
  tracing: string,
): Promise<Ending> {
  const request = call.request;
  const info = request.getInfo();
  if (!info) throw new Error("the Pulumi CLI sent no program information; it must be 3.100 or later");
  if (request.getAttachDebugger()) {
    throw new Error(
      'this language host cannot attach a debugger; put "--inspect-brk" into NODE_OPTIONS instead',
    );
  }
  const options = readOptions(info.getOptions()?.toJavaScript() ?? {});
  const program = info.getEntryPoint() || ".";
  const flags: [string, string][] = [
    ["monitor", request.getMonitorAddress()],
    ["engine", engineAddress],
    ["organization", request.getOrganization()],
    ["project", request.getProject()],
    ["stack", request.getStack()],
    ["pwd", request.getPwd()],
    ["root-directory", info.getRootDirectory()],
    ["parallel", String(request.getParallel())],
    ["tracing", tracing],
  ];
  const args = [
    ...options.nodeArgs,
    locate(info.getProgramDirectory(), "@pulumi/pulumi/cmd/run"),
    ...flags.filter(([, value]) => value !== "").flatMap(([flag, value]) => [`--${flag}`, value]),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    program,
    ...request.getArgsList(),
  ];
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
  };
  if (options.typescript) env["PULUMI_NODEJS_TYPESCRIPT"] = "true";
  if (options.tsconfig) env["PULUMI_NODEJS_TSCONFIG_PATH"] = options.tsconfig;

  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: request.getPwd(),
      env,
      stdio: ["ignore", "inherit", "inherit"],
    });
    call.on("cancelled", () => child.kill());
    child.once("error", (error) =>
      resolve({ error: `cannot start the program: ${error.message}`, bail: false }),
    );
    child.once("exit", (code, signal) => resolve(ending(code, signal)));
  });
}

function ending(code: number | null, signal: string | null): Ending {
  if (code === 0) return { error: "", bail: false };
  if (code === ALREADY_REPORTED) return { error: "", bail: true };
  return {
    error: signal ? `the program was ended by ${signal}` : `the program exited with code ${String(code)}`,
    bail: false,
  };
}
