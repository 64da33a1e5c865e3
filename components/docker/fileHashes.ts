import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";

/**
 * SHA-256, hexadecimal, of each file that is handed to a container, by its path: a preview shows which one changed. That of
 * a secret file stays a secret.
 */
export function fileHashes(
  files: Readonly<Record<string, pulumi.Input<string>>>,
): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [path, hashOf(content)]));
}

/**
 * One SHA-256 over all files of a container and their paths. Not secret: `pulumi preview --json` cannot show a secret trigger
 * of a replacement, and of files that hold generated passwords a hash tells nothing.
 */
export function filesDigest(files: Readonly<Record<string, pulumi.Input<string>>>): pulumi.Output<string> {
  const all = pulumi.jsonStringify(Object.entries(fileHashes(files)).sort(([a], [b]) => (a < b ? -1 : 1)));
  return pulumi.unsecret(hashOf(all));
}

function hashOf(content: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.output(content).apply((text) => createHash("sha256").update(text).digest("hex"));
}
