import * as pulumi from "@pulumi/pulumi";
import { LOGIN_ACCOUNTS, MACHINERY_ACCOUNTS, TWIN_LOGINS } from "../access/logins.ts";
import { Passwords } from "./passwords.ts";
import { heldVersions, holderOf, type Rotation, versionOf } from "./rotation.ts";

/** Logins whose passwords are rotated, with their second ones. */
const ROTATED: readonly string[] = [...LOGIN_ACCOUNTS, ...TWIN_LOGINS];

/** What the operator has chosen; all else is generated. */
export interface AccountsArgs {
  /** Passwords that the operator chose, by account (stack configuration `acgs-db:passwords`). */
  own: pulumi.Input<Record<string, string>>;
  /** The accounts that `own` names. */
  ownAccounts: readonly string[];
  /** Which versions of the logins' passwords are valid. */
  rotation: Rotation;
  /** Whether the engine refuses to delete them. */
  protect: boolean;
}

/**
 * The passwords of all accounts of the stack, in two resources: of logins, which only roles and outputs use,
 * and of the machinery, which stand in files of containers. While a resource is to be updated, Pulumi knows
 * none of its values: with all in one, a preview of a login's new password would show every container replaced.
 */
export class Accounts {
  private readonly logins: Passwords;
  private readonly machinery: Passwords;
  private readonly rotation: Rotation;
  /** By login: what has no password is 0. */
  private readonly versions: Readonly<Record<string, number>>;

  constructor(args: AccountsArgs) {
    this.rotation = args.rotation;
    this.versions = heldVersions(args.rotation);
    const passwords = (
      name: string,
      accounts: readonly string[],
      versions?: Readonly<Record<string, number>>,
    ) =>
      new Passwords(
        name,
        {
          accounts,
          own: pulumi.output(args.own).apply((own) => only(own, accounts)),
          ownAccounts: args.ownAccounts,
          // Not even the key for the machinery: one more input, and its resource would be updated on every stack.
          ...(versions && { versions }),
        },
        { protect: args.protect },
      );
    this.logins = passwords("login-passwords", ROTATED, this.versions);
    this.machinery = passwords("machinery-passwords", MACHINERY_ACCOUNTS);
  }

  /** The password itself: for clients and for the files of containers. */
  password(account: string): pulumi.Output<string> {
    return this.holding(account).password(account);
  }

  /** The login that clients are to use in place of this one now, and its password. */
  current(login: string): { login: string; password: pulumi.Output<string> } {
    const holder = holderOf(login, versionOf(login, this.rotation));
    return { login: holder, password: this.password(holder) };
  }

  /** All passwords that are valid for an account, the one to use first: at least one, none of them empty. */
  valid(account: string): pulumi.Output<string[]> {
    if (!LOGIN_ACCOUNTS.includes(account)) return pulumi.secret(pulumi.all([this.password(account)]));
    const version = versionOf(account, this.rotation);
    const held = [version, version - 1].filter((one) => one > 0);
    return pulumi.secret(pulumi.all(held.map((one) => this.password(holderOf(account, one)))));
  }

  /** The SCRAM-SHA-256 verifier, which is what PostgreSQL is given; nothing for a login that has no password yet. */
  verifier(account: string): pulumi.Output<string> | undefined {
    return this.versions[account] === 0 ? undefined : this.holding(account).verifier(account);
  }

  private holding(account: string): Passwords {
    return ROTATED.includes(account) ? this.logins : this.machinery;
  }
}

function only(own: Record<string, string>, accounts: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(own).filter(([account]) => accounts.includes(account)));
}
