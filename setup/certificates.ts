import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../lib/paths.ts";

const SYSTEM_BUNDLE = "/etc/ssl/certs/ca-certificates.crt";
/** Beside the Dockerfile that fetches over HTTPS while it builds; git ignores it. */
const IMAGES = ["postgres"];

/**
 * Hands this machine's certificate bundle to the image builds. Behind a proxy that inspects TLS (as many companies have),
 * a build reaches HTTPS registries only with it. Machines that set no bundle of their own need none.
 */
export function provideCertificates(env: NodeJS.ProcessEnv = process.env): void {
  const bundle = bundleOf(env);
  if (bundle === undefined) return;
  for (const image of IMAGES) {
    const directory = join(projectDir, "images", image);
    const file = join(directory, "ca-bundle.crt");
    if (existsSync(file) && readFileSync(file, "utf8") === bundle) continue;
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, bundle);
  }
}

/** SSL_CERT_FILE replaces the system's bundle; NODE_EXTRA_CA_CERTS adds to it. */
function bundleOf(env: NodeJS.ProcessEnv): string | undefined {
  const own = readable(env["SSL_CERT_FILE"]);
  const extra = readable(env["NODE_EXTRA_CA_CERTS"]);
  if (own !== undefined) return own;
  if (extra === undefined) return undefined;
  const system = readable(SYSTEM_BUNDLE);
  return system === undefined || system === extra ? extra : `${system.trimEnd()}\n${extra}`;
}

function readable(file: string | undefined): string | undefined {
  return file && existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
