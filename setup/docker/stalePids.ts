import { readFileSync } from "node:fs";

/** Files in which the engine notes who runs, by the program that is meant. */
const PID_FILES: Readonly<Record<string, string>> = {
  "/var/run/docker.pid": "dockerd",
  "/var/run/docker/containerd/containerd.pid": "containerd",
};

/**
 * The notes of an engine that was killed, or went with its machine, whose number another program has by now.
 * The engine would take that program for itself, and not start.
 *
 * @param read gives a file's text; throws where there is none
 */
export function stalePidFiles(
  read: (path: string) => string = (path) => readFileSync(path, "utf8"),
): string[] {
  const text = (path: string): string | undefined => {
    try {
      return read(path).trim();
    } catch {
      return undefined;
    }
  };
  return Object.entries(PID_FILES)
    .filter(([file, program]) => {
      const pid = text(file);
      return pid !== undefined && text(`/proc/${pid}/comm`) !== program;
    })
    .map(([file]) => file);
}
