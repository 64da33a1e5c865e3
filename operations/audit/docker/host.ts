import { type Control, fineIf, ofEngines } from "../control.ts";

/** What of the benchmark's parts about the host the program decides. */
export const HOST: readonly Control[] = [
  ofEngines(
    "2.7",
    "The daemon is reached by TLS",
    // Over tcp the stack's configuration takes no certificates: such an engine is one that asks for none.
    ({ name }) => fineIf(/^(unix|ssh|npipe):/.test(name), name.replace(/\/\/[^/@]*@/, "//…@")),
    { fine: "by a local socket or SSH", wrong: "by TCP: whoever reaches the port is root on the host" },
  ),
  ofEngines(
    "5.1",
    "Swarm is off where it is not needed",
    ({ swarm }) => fineIf(swarm === "inactive", swarm),
    { fine: "off", wrong: "Swarm is on" },
  ),
];
