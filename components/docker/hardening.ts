// What makes a container safe, told from its settings alone. The policy asks it of what Pulumi is about to create, the audit
// of what `docker inspect` shows: a container that passes one must not fail the other.

/** An image's id, or a name with the digest of its content: the same on every host, tomorrow as today. */
const BY_CONTENT = /^sha256:[0-9a-f]{12,64}$|@sha256:[0-9a-f]{64}$/;

export const isNamedByContent = (image: string): boolean => BY_CONTENT.test(image);

/** @param user  as `name`, `number` or `user:group`; an empty one is Docker's default, root */
export function isRoot(user: string): boolean {
  return /^(|root|0+)$/.test(user.split(":")[0]!);
}

export function dropsAllCapabilities(dropped: readonly string[]): boolean {
  return dropped.some((one) => /^(CAP_)?ALL$/i.test(one));
}

export function forbidsNewPrivileges(securityOptions: readonly string[]): boolean {
  return securityOptions.some((one) => /^no-new-privileges([:=]true)?$/.test(one));
}

/** Options that switch the engine's own confinement off, such as `seccomp=unconfined`. */
export function confinementsOff(securityOptions: readonly string[]): string[] {
  return securityOptions.filter((one) => /[:=](unconfined|disable)$/.test(one));
}

/** Folders of the host through which its engine, and so the whole host, is reached. */
const SOCKET_FOLDERS = new Set(["/", "/run", "/var", "/var/run", "/run/docker", "/var/run/docker"]);

/** @param path  of the host, that a container mounts */
export function reachesEngine(path: string): boolean {
  return /docker\.sock$/.test(path) || SOCKET_FOLDERS.has(path.replace(/(?<=.)\/+$/, ""));
}

/** @param test  of a health check, as `["CMD", "healthcheck"]` */
export function checksHealth(test: readonly string[]): boolean {
  return test.length > 0 && test[0] !== "NONE";
}
