import { type ChildProcessByStdio, spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex, type Readable, type Writable } from "node:stream";

/** In s. */
const CONNECTED_WITHIN = 30;

export interface SshAddress {
  host: string;
  /** Empty for ssh's own. */
  port: string;
  /** Empty for ssh's own. */
  user: string;
}

/**
 * Reaches an engine as the `docker` command does: through the `ssh` program, with the operator's configuration, keys and
 * known hosts. The library's own ssh knows none of these, and checks no host key.
 */
export class SshAgent extends Agent {
  private readonly address: SshAddress;

  constructor(address: SshAddress) {
    super({ keepAlive: false });
    this.address = address;
  }

  override createConnection(): Duplex {
    return new ProgramStream("ssh", sshArguments(this.address));
  }
}

/** As the `docker` command gives them. No part of an address is taken for an option. */
export function sshArguments({ host, port, user }: SshAddress): string[] {
  return [
    ...["-o", `ConnectTimeout=${CONNECTED_WITHIN}`, "-T"],
    ...(user ? ["-l", user] : []),
    ...(port ? ["-p", port] : []),
    ...["--", host, "docker", "system", "dial-stdio"],
  ];
}

/** The standard input and output of a program as one stream. */
class ProgramStream extends Duplex {
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;

  constructor(program: string, args: string[]) {
    super({ allowHalfOpen: false });
    // In a process group of its own: Ctrl-C is for the command that uses it.
    this.child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
    const { stdin, stdout, stderr } = this.child;
    let complaint = "";
    stderr.on("data", (data: Buffer) => (complaint = (complaint + data.toString()).slice(-2000)));
    stdin.on("error", () => undefined); // the exit status tells
    stdout.on("data", (data: Buffer) => {
      if (!this.push(data)) stdout.pause();
    });
    this.child.on("error", (error) => this.destroy(error));
    this.child.on("close", (status) => {
      if (status === 0) this.push(null);
      else this.destroy(new Error(`${program} ended: ${complaint.trim() || `status ${status}`}`));
    });
  }

  override _read(): void {
    this.child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.child.stdin.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.child.stdin.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.child.kill();
    for (const pipe of [this.child.stdin, this.child.stdout, this.child.stderr]) pipe.destroy();
    done(error);
  }

  ref(): this {
    this.child.ref();
    return this;
  }
  unref(): this {
    this.child.unref();
    return this;
  }
}
