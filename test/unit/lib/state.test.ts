import { describe, expect, it } from "vitest";
import { endpointOf } from "../../../lib/hosts.ts";
import { inputsOf } from "../../../lib/pulumi/deployment.ts";
import { parseState } from "../../../lib/pulumi/state.ts";
import { TYPE } from "../../../lib/pulumi/types.ts";
import { outputsIn } from "../../../operations/stackOutputs.ts";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});
const state = parseState(
  JSON.stringify({
    version: 3,
    deployment: {
      resources: [
        {
          urn: "urn:pulumi:t::acgs-db::pulumi:pulumi:Stack::acgs-db-t",
          type: TYPE.stack,
          outputs: { prefix: 1 },
        },
        {
          urn: `urn:pulumi:t::acgs-db::${TYPE.dockerProvider}::host-of-a-state-docker`,
          type: TYPE.dockerProvider,
          inputs: { host: "ssh://operator@db-1" },
        },
        { urn: "u::old", type: TYPE.pools, inputs: { passwords: ["old"] }, pendingReplacement: true },
        { urn: "u::pools", type: TYPE.pools, inputs: { passwords: secret(["a", secret("b")]) } },
      ],
    },
  }),
);

describe("a state that was read", () => {
  it("gives the inputs of a resource that is there, secrets in plain", () => {
    expect(inputsOf(state, TYPE.pools)).toEqual({ passwords: ["a", "b"] });
    expect(inputsOf(state, TYPE.deployer)).toBeUndefined();
  });

  it("tells the process where the engines of its hosts are", () => {
    expect(endpointOf("host-of-a-state")).toBe("ssh://operator@db-1");
  });

  it("has all outputs, or those that are missing are named", () => {
    expect(() => outputsIn(state, "t")).toThrow(
      /^Stack t lacks outputs \(.*prefix.*writer.*\)\. Finish its update/,
    );
    expect(() => outputsIn({}, "t")).toThrow("Stack t lacks outputs");
  });
});
