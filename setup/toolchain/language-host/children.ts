// Child processes whose output travels back over a gRPC stream: plugins written in Node, and npm.
import { spawn } from "node:child_process";
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { InstallDependenciesRequest, RunPluginRequest } from "@pulumi/pulumi/proto/language_pb.js";
import { readOptions } from "./options.ts";
import { locate, type Sdk } from "./sdk.ts";

/** Runs a provider or a policy pack that is written in Node, and streams what it prints. */
export function runPlugin(sdk: Sdk, call: ServerWritableStream<RunPluginRequest, unknown>): void {
  const request = call.request;
  const info = request.getInfo();
  if (!info) throw new Error("the Pulumi CLI sent no program information; it must be 3.100 or later");
  const options = readOptions(info.getOptions()?.toJavaScript() ?? {});
  const directory = info.getProgramDirectory();
  // A policy pack comes after the engine's address, a provider before it.
  const [runner, args] =
    request.getKind() === "analyzer"
      ? ["run-policy-pack", [...request.getArgsList(), directory]]
      : ["run-plugin", [directory, ...request.getArgsList()]];
  const script = locate(directory, `@pulumi/pulumi/cmd/${runner}`);
  const child = spawn(process.execPath, [...options.nodeArgs, script, ...args], {
    cwd: request.getPwd(),
    env: environment(request.getEnvList()),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const respond = () => new sdk.language.RunPluginResponse();
  const kill = (): void => void child.kill();
  call.on("cancelled", kill);
  // A policy pack does not look for its engine: without this it would outlive one that was killed.
  process.once("exit", kill);
  child.once("close", () => process.removeListener("exit", kill));
  child.stdout.on("data", (chunk: Buffer) => call.write(respond().setStdout(chunk)));
  child.stderr.on("data", (chunk: Buffer) => call.write(respond().setStderr(chunk)));
  child.once("error", (error) => call.destroy(error));
  child.once("close", (code) => {
    call.write(respond().setExitcode(code ?? 1));
    call.end();
  });
}

/** `pulumi install`: what the lock file says, or, without one, what package.json says. */
export function installDependencies(
  sdk: Sdk,
  call: ServerWritableStream<InstallDependenciesRequest, unknown>,
): void {
  const directory = call.request.getInfo()?.getProgramDirectory() || call.request.getDirectory();
  const child = spawn("npm", ["install"], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  const respond = () => new sdk.language.InstallDependenciesResponse();
  call.on("cancelled", () => child.kill());
  child.stdout.on("data", (chunk: Buffer) => call.write(respond().setStdout(chunk)));
  child.stderr.on("data", (chunk: Buffer) => call.write(respond().setStderr(chunk)));
  child.once("error", (error) => call.destroy(error));
  child.once("close", (code) => {
    if (code === 0) call.end();
    else call.destroy(new Error(`npm install in ${directory} ended with code ${String(code)}`));
  });
}

function environment(pairs: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
