/** Whether only the host itself reaches an address. @param host  a name or an IP address, IPv6 also in brackets */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return bare === "localhost" || bare === "::1" || /^127(\.\d{1,3}){3}$/.test(bare);
}

/** Whether an address stands for all addresses of a host. No address at all does so too. */
export function isEveryAddress(address: string): boolean {
  return ["", "0.0.0.0", "::", "[::]", "::0", "0:0:0:0:0:0:0:0"].includes(address);
}
