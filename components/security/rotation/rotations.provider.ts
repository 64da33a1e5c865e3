import type * as pulumi from "@pulumi/pulumi";

interface Inputs {
  /** By account. */
  clients: Record<string, number>;
  machinery: number;
}

/** Who goes on from a version that not all parts have would leave those behind. That none goes back, others see to. */
export function refusals(olds: Partial<Inputs>, news: Inputs): pulumi.dynamic.CheckFailure[] {
  if (olds.clients === undefined || olds.machinery === undefined) return [];
  const isTooFar = (before: number | undefined, after: number) => before !== undefined && after > before + 1;
  const clients = Object.entries(news.clients).filter(([one, after]) => isTooFar(olds.clients?.[one], after));
  const failure = (key: string, of: string, ended: number, wanted: number) => ({
    property: "",
    reason:
      `acgs-db:secrets.${key} cannot go to ${wanted} for ${of}: not all parts of the stack have a version after ${ended} ` +
      `yet, and would be left behind. Give ${ended + 1}, run \`npm run up\` until it succeeds, and then go on.`,
  });
  const [first] = clients;
  return [
    ...(first
      ? [failure("rotation", clients.map(([one]) => one).join(", "), olds.clients[first[0]]!, first[1])]
      : []),
    ...(isTooFar(olds.machinery, news.machinery)
      ? [failure("internalRotation", "the machinery", olds.machinery, news.machinery)]
      : []),
  ];
}

/** Refuses at preview; makes nothing. */
export const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
  async check(olds: Partial<Inputs>, news) {
    return { inputs: news, failures: refusals(olds, news) };
  },
  async create(inputs) {
    return { id: "rotations", outs: inputs };
  },
  async update(_id, _olds, news) {
    return { outs: news };
  },
};
