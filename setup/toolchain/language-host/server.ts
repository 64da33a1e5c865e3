// A language host for Node programs: the gRPC service `LanguageRuntime` of Pulumi's protocol, served with the parts
// that the npm SDK holds. It replaces the official `pulumi-language-nodejs`, which only comes with the CLI's
// download. The protocol: https://pulumi-developer-docs.readthedocs.io (language runtimes).
import type { sendUnaryData, ServerUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as messages from "@pulumi/pulumi/proto/language_pb.js";
import { installDependencies, runPlugin } from "./children.ts";
import { directPackages, installedPackages, requiredPlugins, type RequiredPlugin } from "./packages.ts";
import { runProgram } from "./program.ts";
import { loadSdk, type Sdk } from "./sdk.ts";

/** Larger than any state that fits a checkpoint; the engine sets the same. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/**
 * Serves until the engine is gone. Prints the port as the first line on stdout, as the engine expects it.
 * @param argv flags and the engine's address, as the engine passes them
 */
export async function serve(argv: readonly string[]): Promise<void> {
  const { engineAddress, tracing } = readArguments(argv);
  const sdk = loadSdk(process.cwd());
  const server = new sdk.grpc.Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  server.addService(sdk.service.LanguageRuntimeService, methods(sdk, engineAddress, tracing));
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", sdk.grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  process.stdout.write(`${port}\n`);
  // The engine holds the other end of stdin: when it is gone, however it ended, so is the host.
  process.stdin.on("end", () => process.exit(0));
  process.stdin.resume();
}

function readArguments(argv: readonly string[]): { engineAddress: string; tracing: string } {
  let engineAddress = "";
  let tracing = "";
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    if (/^--?tracing$/.test(argument)) tracing = argv[++i] ?? "";
    else if (/^--?tracing=/.test(argument)) tracing = argument.replace(/^[^=]*=/, "");
    else if (/^--?(v|verbose|root)$/.test(argument)) i++;
    else if (!argument.startsWith("-")) engineAddress = argument;
  }
  return { engineAddress, tracing };
}

function methods(sdk: Sdk, engineAddress: string, tracing: string): UntypedServiceImplementation {
  const { language, plugin, empty } = sdk;
  return {
    handshake: unary(() => new language.LanguageHandshakeResponse()),
    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(sdk.version)),
    getRequiredPackages: unary((request: messages.GetRequiredPackagesRequest) => {
      const plugins = requiredPlugins(request.getInfo()?.getProgramDirectory() ?? process.cwd());
      return new language.GetRequiredPackagesResponse().setPackagesList(plugins.map(toPackage));
    }),
    getRequiredPlugins: unary((request: messages.GetRequiredPluginsRequest) => {
      const plugins = requiredPlugins(request.getInfo()?.getProgramDirectory() ?? request.getPwd());
      return new language.GetRequiredPluginsResponse().setPluginsList(plugins.map(toPlugin));
    }),
    run: unary(async (_: messages.RunRequest, call: ServerUnaryCall<messages.RunRequest, unknown>) => {
      const { error, bail } = await runProgram(call, engineAddress, tracing);
      return new language.RunResponse().setError(error).setBail(bail);
    }),
    about: unary(() =>
      new language.AboutResponse().setExecutable(process.execPath).setVersion(process.version),
    ),
    getProgramDependencies: unary((request: messages.GetProgramDependenciesRequest) => {
      const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
      const packages = request.getTransitivedependencies()
        ? installedPackages(directory)
        : directPackages(directory);
      return new language.GetProgramDependenciesResponse().setDependenciesList(
        packages.map(({ name, version }) => new language.DependencyInfo().setName(name).setVersion(version)),
      );
    }),
    runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
    template: unary(() => new language.TemplateResponse()),
    runPlugin: (call: Parameters<typeof runPlugin>[1]) => guard(call, () => runPlugin(sdk, call)),
    installDependencies: (call: Parameters<typeof installDependencies>[1]) =>
      guard(call, () => installDependencies(sdk, call)),
    cancel: unary(() => new empty.Empty()),
    // Code generation (`pulumi convert`, `pulumi package add`) is left out: gRPC answers "unimplemented".
  };

  function toPlugin({ name, version, server }: RequiredPlugin) {
    return new plugin.PluginDependency()
      .setName(name)
      .setKind("resource")
      .setVersion(version)
      .setServer(server);
  }

  function toPackage({ name, version, server, parameterization }: RequiredPlugin) {
    const result = new plugin.PackageDependency()
      .setName(name)
      .setKind("resource")
      .setVersion(version)
      .setServer(server);
    if (parameterization) {
      result.setParameterization(
        new plugin.PackageParameterization()
          .setName(parameterization.name)
          .setVersion(parameterization.version)
          .setValue(parameterization.value),
      );
    }
    return result;
  }
}

/** Turns a function of a request into a gRPC method; what it throws becomes the call's error, with its message. */
function unary<Request>(answer: (request: Request, call: ServerUnaryCall<Request, unknown>) => unknown) {
  return (call: ServerUnaryCall<Request, unknown>, reply: sendUnaryData<unknown>): void => {
    Promise.resolve()
      .then(() => answer(call.request, call))
      .then((response) => reply(null, response))
      .catch((error: unknown) => reply({ details: error instanceof Error ? error.message : String(error) }));
  };
}

function guard(call: { destroy(error: Error): void }, start: () => void): void {
  try {
    start();
  } catch (error) {
    call.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
