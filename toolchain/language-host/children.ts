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
  const runner = request.getKind() === "analyzer" ? "run-policy-pack" : "run-plugin";
  const args = [...options.nodeArgs, locate(directory, `@pulumi/pulumi/cmd/${runner}`), directory];
  const child = spawn(process.execPath, [...args, ...request.getArgsList()], {
    cwd: request.getPwd(),
    env: environment(request.getEnvList()),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const respond = () => new sdk.language.RunPluginResponse();
  call.on("cancelled", () => child.kill());
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
