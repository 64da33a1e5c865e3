// Finds the Pulumi SDK of a program and loads from it what the host speaks with: gRPC and the protocol's messages.
// The host has no dependency of its own, so it can never disagree with the SDK about the protocol.
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Grpc from "@grpc/grpc-js";
import type * as LanguageService from "@pulumi/pulumi/proto/language_grpc_pb.js";
import type * as LanguageMessages from "@pulumi/pulumi/proto/language_pb.js";
import type * as PluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as EmptyMessages from "google-protobuf/google/protobuf/empty_pb.js";

/** The parts of the SDK which the host uses. */
export interface Sdk {
  readonly version: string;
  readonly grpc: typeof Grpc;
  readonly service: typeof LanguageService;
  readonly language: typeof LanguageMessages;
  readonly plugin: typeof PluginMessages;
  readonly empty: typeof EmptyMessages;
}

/** Says that a directory's dependencies are not installed; the message names the remedy. */
export class SdkMissing extends Error {}

function requireFrom(directory: string): NodeJS.Require {
  return createRequire(join(directory, "package.json"));
}

/**
 * Absolute path of a module as a file in `directory` would find it.
 * @throws SdkMissing where it is not installed
 */
export function locate(directory: string, module: string): string {
  try {
    return requireFrom(directory).resolve(module);
  } catch {
    throw new SdkMissing(
      `${module} is not found from ${directory}: the dependencies are not installed. Run "npm ci" there.`,
    );
  }
}

/**
 * Loads the SDK that a program in `directory` would use.
 * @throws SdkMissing where it is not installed
 */
export function loadSdk(directory: string): Sdk {
  const require = createRequire(locate(directory, "@pulumi/pulumi/package.json"));
  return {
    version: (require("./package.json") as { version: string }).version,
    grpc: require("@grpc/grpc-js") as typeof Grpc,
    service: require("./proto/language_grpc_pb.js") as typeof LanguageService,
    language: require("./proto/language_pb.js") as typeof LanguageMessages,
    plugin: require("./proto/plugin_pb.js") as typeof PluginMessages,
    empty: require("google-protobuf/google/protobuf/empty_pb.js") as typeof EmptyMessages,
  };
}
