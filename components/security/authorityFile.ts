import type * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../../lib/writeWhole.ts";

/** In the project's directory, where provider plugins run too; never committed. */
const FOLDER = ".certificates";

/**
 * The path of a file that holds the authority's certificate (PEM), for a provider that takes no text. It is named by its
 * content and written where it is missing or cut, so that it is the same on every machine that deploys the stack.
 */
export function authorityFile(certificate: pulumi.Output<string>): pulumi.Output<string> {
  return certificate.apply((pem) => writeAuthorityFile(pem));
}

/** Writes the certificate (PEM) into the project in `directory`. Returns its path from there. */
export function writeAuthorityFile(pem: string, directory = "."): string {
  const name = createHash("sha256").update(pem).digest("hex").slice(0, 16);
  const path = join(FOLDER, `${name}.pem`);
  mkdirSync(join(directory, FOLDER), { recursive: true });
  const file = join(directory, path);
  if (!existsSync(file) || readFileSync(file, "utf8") !== pem) writeWhole(file, pem);
  return path;
}
