import { type Control, DOCKER, fineIf, judge, listed, notApplicable } from "../control.ts";

const OPERATORS = "the host and its engine are the operator's; the program only uses the engine";

/** Parts of the benchmark about the host, and what of them the program decides. */
export const HOST: readonly Control[] = [
  notApplicable(DOCKER, "1", "The host: partitions, access, auditing, hardening", OPERATORS),
  notApplicable(DOCKER, "2", "The daemon's configuration, 2.7 aside", OPERATORS),
  {
    id: "2.7",
    title: "The daemon is reached by TLS",
    benchmark: DOCKER,
    check: ({ engines }) =>
      judge(
        engines,
        // Over tcp the stack's configuration takes no certificates: such an engine is one that asks for none.
        ({ name }) => fineIf(/^(unix|ssh|npipe):/.test(name), name.replace(/\/\/[^/@]*@/, "//…@")),
        { fine: "by a local socket or SSH", wrong: "by TCP: whoever reaches the port is root on the host" },
      ),
  },
  notApplicable(DOCKER, "3", "Owners and modes of the daemon's files", OPERATORS),
  notApplicable(DOCKER, "6", "Operations: no sprawl of images and containers", OPERATORS),
  {
    id: "7",
    title: "Swarm",
    benchmark: DOCKER,
    check: ({ engines }) => ({
      result: "not applicable",
      reason: "the program uses no Swarm; whether one is on is control 5.1",
      evidence: listed(engines.map(({ name, swarm }) => `${name}: ${swarm}`)),
    }),
  },
];
