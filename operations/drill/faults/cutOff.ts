import { inspectContainer } from "../../../lib/docker/containers.ts";
import { openCommand } from "../../../lib/docker/exec.ts";
import { RunStream } from "../../../lib/docker/runStream.ts";
import { messageOf } from "../../../lib/errors.ts";
import { DrillError } from "../error.ts";
import type { Part } from "../stack.ts";
import type { Undo } from "../undo.ts";
import { withTimeout } from "../../../lib/wait.ts";

/** The network comes back after this time at the latest, whatever became of the drill. In s. */
const AT_MOST = 300;
const DONE_WITHIN = 30_000;

/**
 * Takes the network interfaces of a container down, and up again when its input ends or the time is over.
 *
 * Unlike `docker network disconnect` this leaves the container its address, its name and its published ports: to the
 * others it is a host whose cable was pulled. Sessions inside go on over the socket. The kernel forgets the routes over
 * an interface that goes down; it restores the one to the container's own network, not the default one.
 */
const SCRIPT = `
import fcntl, select, socket, struct, sys

SIOCADDRT, SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x890B, 0x8913, 0x8914, 1
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
names = [name for _, name in socket.if_nameindex() if name != "lo"]

def default_gateways():
    with open("/proc/net/route") as table:
        for line in table.readlines()[1:]:
            name, destination, gateway = line.split()[:3]
            if destination == "00000000" and name in names:
                yield name, bytes.fromhex(gateway)[::-1]

def switch(name, up):
    request = struct.pack("16sh22x", name.encode(), 0)
    flags = struct.unpack("16sh22x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
    flags = flags | IFF_UP if up else flags & ~IFF_UP
    fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh22x", name.encode(), flags))

def add_default(gateway):
    address = lambda octets: struct.pack("HH4s8x", socket.AF_INET, 0, octets)
    any_address, up_and_gateway = address(bytes(4)), 3
    # struct rtentry: destination, gateway, mask, flags; the rest of its 120 bytes stays zero.
    route = struct.pack("8x16s16s16sH62x", any_address, address(gateway), any_address, up_and_gateway)
    fcntl.ioctl(control, SIOCADDRT, route)

gateways = list(default_gateways())
try:
    for name in names:
        switch(name, False)
    print("down", flush=True)
    select.select([sys.stdin], [], [], float(sys.argv[1]))
finally:
    for name in names:
        switch(name, True)
    for name, gateway in gateways:
        add_default(gateway)
`;

/**
 * Cuts a container off from its network until the fault is undone.
 *
 * A container of the same image does it, which shares the network and may administer it: the member's own may not.
 *
 * @throws DrillError when its interfaces cannot be taken down
 */
export async function cutOff(part: Part, undo: Undo): Promise<void> {
  const { docker, container } = part;
  const member = await inspectContainer(part);
  if (!member) throw new DrillError(`${container} is not there.`);
  const stream = new RunStream(
    { docker, container: `${container}-cut-off` },
    {
      Image: member.Image,
      Entrypoint: ["python3"],
      Cmd: ["-c", SCRIPT, String(AT_MOST)],
      User: "root",
      HostConfig: { NetworkMode: `container:${container}`, CapAdd: ["NET_ADMIN"] },
    },
    AT_MOST * 1000 + DONE_WITHIN,
  );
  const cut = openCommand(stream);
  let fault: Error | undefined;
  stream.on("error", (error) => (fault = error));
  undo.add(`docker restart ${container}`, async () => {
    await withTimeout(cut.close(), DONE_WITHIN, `the network of ${container}`);
    if (fault) throw fault;
  });
  const down = cut.firstLine.catch((error: unknown) => {
    throw new DrillError(`The network of ${container} cannot be switched: ${messageOf(error)}`);
  });
  await withTimeout(down, DONE_WITHIN, `cutting ${container} off`);
}
