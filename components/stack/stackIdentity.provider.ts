import { randomBytes } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";

export const provider: pulumi.dynamic.ResourceProvider = {
  create: () => Promise.resolve({ id: randomBytes(8).toString("hex"), outs: {} }),
};
