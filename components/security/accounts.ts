import * as pulumi from "@pulumi/pulumi";
import { LOGIN_ACCOUNTS, MACHINERY_ACCOUNTS } from "../access/logins.ts";
import { Passwords } from "./passwords.ts";

/** What the operator has chosen; all else is generated. */
export interface AccountsArgs {
  /** Passwords that the operator chose, by account (stack configuration `acgs-db:passwords`). */
  own: pulumi.Input<Record<string, string>>;
  /** The accounts that `own` names. */
  ownAccounts: readonly string[];
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

  constructor(args: AccountsArgs) {
    const passwords = (name: string, accounts: readonly string[]) =>
      new Passwords(
        name,
        {
          accounts,
          own: pulumi.output(args.own).apply((own) => only(own, accounts)),
          ownAccounts: args.ownAccounts,
        },
        { protect: args.protect },
      );
    this.logins = passwords("login-passwords", LOGIN_ACCOUNTS);
    this.machinery = passwords("machinery-passwords", MACHINERY_ACCOUNTS);
  }

  /** The password itself: for clients and for the files of containers. */
  password(account: string): pulumi.Output<string> {
    return this.holding(account).password(account);
  }

  /** The SCRAM-SHA-256 verifier, which is what PostgreSQL is given. */
  verifier(account: string): pulumi.Output<string> {
    return this.holding(account).verifier(account);
  }

  private holding(account: string): Passwords {
    return LOGIN_ACCOUNTS.includes(account) ? this.logins : this.machinery;
  }
}

function only(own: Record<string, string>, accounts: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(own).filter(([account]) => accounts.includes(account)));
}
