import { provideCertificates } from "./certificates.ts";
import { ensureBaseImages } from "./docker/baseImages.ts";
import { ensureEngine } from "./docker/ensure.ts";
import { ensurePulumi } from "./pulumi/ensure.ts";
import type { PulumiTool } from "../lib/pulumi/tool.ts";

/**
 * All that a command needs to run containers through Pulumi. The two halves go on side by side: on a new machine one
 * waits for downloads while the other compiles.
 * @param engine  endpoint of the engine that is to carry them; the local one unless it is given
 * @throws the first fault, when both halves have ended
 */
export async function prepare(engine?: string): Promise<PulumiTool> {
  provideCertificates();
  const [pulumi, docker] = await Promise.allSettled([
    ensurePulumi(),
    ensureEngine(engine).then(ensureBaseImages),
  ]);
  if (docker.status === "rejected") throw docker.reason;
  if (pulumi.status === "rejected") throw pulumi.reason;
  return pulumi.value;
}
