import type { StackOutputs } from "../components/stack/outputs.ts";

type Outputs = Pick<StackOutputs, "writer" | "reader"> & {
  postgres: Pick<StackOutputs["postgres"], "pendingRestart">;
};

/** What an operator wants to know after an update, in a few lines: where clients connect, and what still waits for them. */
export function updateSummary({ writer, reader, postgres }: Outputs, stack: string): string[] {
  const waiting = [...new Set(postgres.pendingRestart.map(({ parameter }) => parameter))];
  return [
    `✓ Clients write at ${address(writer)} and read at ${address(reader)}. All addresses: ./acgs outputs ${stack}`,
    `  A login: ./acgs connect dgm ${stack}. The settings of a service: ./acgs env dgm ${stack}`,
    ...(waiting.length === 0
      ? []
      : [`! A restart is needed before ${waiting.join(", ")} changes: ./acgs restart ${stack}`]),
  ];
}

function address({ host, port, database }: Outputs["writer"]): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
}
