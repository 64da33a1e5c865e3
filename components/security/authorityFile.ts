import type * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";

/** In the project's directory, where provider plugins run too; never committed. */
const FOLDER = ".certificates";

/**
 * The path of a file that holds the authority's certificate (PEM), for a provider that takes no text. It is named by its
 * content and written where it is missing, so that it is the same on every machine that deploys the stack.
 */
export function authorityFile(certificate: pulumi.Output<string>): pulumi.Output<string> {
  return certificate.apply((pem) => {
    const name = createHash("sha256").update(pem).digest("hex").slice(0, 16);
    const path = `${FOLDER}/${name}.pem`;
    mkdirSync(FOLDER, { recursive: true });
    if (!existsSync(path)) writeFileSync(path, pem);
    return path;
  });
}
