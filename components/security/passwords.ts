import * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../../lib/dynamic.ts";

/** The accounts of one {@link Passwords} resource. */
export interface PasswordsArgs {
  /** The accounts that need a password. */
  accounts: readonly string[];
  /** Passwords that the operator chose, by account (stack configuration `acgs-db:passwords`). */
  own?: pulumi.Input<Record<string, string>>;
  /** The accounts that `own` names: plain, because a preview shows where each password comes from. */
  ownAccounts?: readonly string[];
  /**
   * The version of each account's password; one with 0 has none. It is plain, because a preview shows which passwords
   * change. Accounts whose passwords have only one are left out.
   */
  versions?: Readonly<Record<string, number>>;
}

/**
 * The passwords of the stack: generated once, kept encrypted in the state, changed by an update only
 * where the operator sets one, or raises its version.
 */
export class Passwords extends ProjectResource {
  declare readonly passwords: pulumi.Output<Record<string, string>>;
  declare readonly verifiers: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: PasswordsArgs, opts?: pulumi.CustomResourceOptions) {
    const own = new Set(args.ownAccounts ?? []);
    const accounts = Object.fromEntries(
      args.accounts.toSorted().map((a) => [a, own.has(a) ? "from configuration" : "generated"]),
    );
    super(
      "Passwords",
      name,
      {
        accounts,
        own: pulumi.secret(args.own ?? {}),
        ...(args.versions && { versions: args.versions }),
        passwords: undefined,
        verifiers: undefined,
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["own", "passwords", "verifiers"] }),
    );
  }

  /** The password itself: for clients and for the files of containers. */
  password(account: string): pulumi.Output<string> {
    return pulumi.secret(this.passwords.apply((all) => named(all, account)));
  }

  /** The SCRAM-SHA-256 verifier, which is what PostgreSQL is given. */
  verifier(account: string): pulumi.Output<string> {
    return pulumi.secret(this.verifiers.apply((all) => named(all, account)));
  }
}

function named(all: Record<string, string>, account: string): string {
  const value = all[account];
  if (value === undefined) throw new Error(`The stack has no account named ${account}.`);
  return value;
}
