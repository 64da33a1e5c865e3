import * as pulumi from "@pulumi/pulumi";

/** What the engine was asked to register, in order. */
export interface Registration {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/**
 * Plays the engine: records what a program registers and gives each resource its inputs back, with an id
 * made from its name. It proves which resources there are and what they are given; not that any
 * provider takes them, nor in which order they are made: the stack tests do that.
 */
export function recordRegistrations(outputs: (r: Registration) => Record<string, unknown> = () => ({})) {
  const registrations: Registration[] = [];
  const ready = pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const registration = { type, name, inputs: inputs as Record<string, unknown> };
        registrations.push(registration);
        return { id: `${name}-id`, state: { ...inputs, ...outputs(registration) } as object };
      },
      call: () => ({}),
    },
    "acgs-db",
    "unit",
    false,
  );
  const ofType = (type: string) => registrations.filter((r) => r.type === type);
  return {
    registrations,
    ready,
    ofType,
    named: (name: string) => registrations.find((r) => r.name === name),
  };
}

/** The value of an output, once it and everything before it is settled. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value)));
}
