import type * as pulumi from "@pulumi/pulumi";
import { type Ended, unendedRefusals } from "./refusals.ts";

/** Refuses at preview; makes nothing. */
export const provider: pulumi.dynamic.ResourceProvider<Ended, Ended> = {
  async check(olds: Partial<Ended>, news) {
    return { inputs: news, failures: unendedRefusals(olds, news) };
  },
  async create(inputs) {
    return { id: "rotations", outs: inputs };
  },
  async update(_id, _olds, news) {
    return { outs: news };
  },
};
