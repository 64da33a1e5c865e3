import { once } from "node:events";
import net from "node:net";

/** A link to a server that is far away: what a run costs there is its round trips. */
export interface SlowLink {
  port: number;
  /** How often the client has waited: data went to the server after data had come from it. */
  roundTrips(): number;
  /** Keeps the connections that are there, and takes no other. */
  refuseMore(): void;
  close(): Promise<void>;
}

/**
 * A TCP proxy that holds back everything for a while.
 *
 * @param delayMs one way; a round trip takes twice as long, and so does opening a connection
 */
export async function slowLink(to: { host: string; port: number }, delayMs: number): Promise<SlowLink> {
  let trips = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((near) => {
    const far = net.connect({ ...to, noDelay: true });
    near.setNoDelay(true);
    for (const socket of [near, far]) {
      sockets.add(socket);
      // A connection that breaks ends the other one; who used it is told by its own end.
      socket.on("error", () => undefined);
    }
    let turn: net.Socket | undefined;
    const carry = (source: net.Socket, target: net.Socket): void => {
      source.on("data", (data) => {
        if (source === near && turn !== near) trips++;
        turn = source;
        setTimeout(() => target.write(data), delayMs);
      });
      source.on("close", () => setTimeout(() => target.destroy(), delayMs));
    };
    carry(near, far);
    carry(far, near);
  });
  const closed = once(server, "close");
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as net.AddressInfo).port,
    roundTrips: () => trips,
    refuseMore: () => void server.close(),
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
