/**
 * Why a run of Pulumi failed: its own diagnostics. They come before outputs and steps, which may be thousands of lines
 * that a log is cut in.
 */
export function reasonOf({ stdout, stderr }: { stdout: string; stderr: string }): string {
  const [, said] =
    /^Diagnostics:\n([\s\S]*?)(?=^(?:Outputs|Resources|Policies):|$(?![\s\S]))/m.exec(stdout) ?? [];
  return `${said ?? stdout}\n${stderr}`.trim();
}
