import type * as pulumi from "@pulumi/pulumi";
import { randomBytes } from "node:crypto";
import type { KeysByVersion } from "./configurationKeys.ts";

interface Inputs {
  version: number;
}

interface State extends Inputs {
  keys: KeysByVersion;
}

const KEY_BYTES = 32;

/** All keys after a change of version: known ones stay as they are, a new one is generated. */
export function nextKeys(version: number, known: KeysByVersion): KeysByVersion {
  return { ...known, [version]: known[version] ?? randomBytes(KEY_BYTES).toString("hex") };
}

/** A version that has been left is not used for writing again: it may have been given up because it leaked. */
export function refusals(olds: Partial<Inputs>, news: Inputs): pulumi.dynamic.CheckFailure[] {
  if (olds.version === undefined || news.version >= olds.version) return [];
  return [
    {
      property: "version",
      reason:
        `acgs-db:secrets.configurationKey is ${olds.version} in the running stack and cannot go back to ${news.version}. ` +
        `Set it to ${olds.version}, or to ${olds.version + 1} for a new key.`,
    },
  ];
}

/** Makes and keeps keys; nothing outside the state is touched, so a refresh finds what is there. */
export const provider: pulumi.dynamic.ResourceProvider<Inputs, State> = {
  async check(olds: Partial<Inputs>, news) {
    return { inputs: news, failures: refusals(olds, news) };
  },
  async create({ version }) {
    return { id: "configuration-keys", outs: { version, keys: nextKeys(version, {}) } };
  },
  async update(_id, olds, { version }) {
    return { outs: { version, keys: nextKeys(version, olds.keys) } };
  },
};
