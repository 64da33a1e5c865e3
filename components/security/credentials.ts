import * as pulumi from "@pulumi/pulumi";
import { CLIENT_ACCOUNTS, DEPLOYER, INTERNAL_ACCOUNTS, rotationLogin } from "../../lib/names.ts";
import { derivedPassword, derivedVerifier } from "./derivedPassword.ts";
import { Passwords } from "./passwords.ts";
import { heldVersions, holderOf, type Rotation, versionOf } from "./rotation/versions.ts";

/** Accounts of clients, with the second ones that hold their passwords in turn. */
const CLIENTS: readonly string[] = CLIENT_ACCOUNTS.flatMap((account) => [account, rotationLogin(account)]);
const SEED = "seed";

/** What the operator has chosen; all else is generated. */
export interface CredentialsArgs {
  /** Passwords that the operator chose, by account (stack configuration `acgs-db:passwords`). */
  own: pulumi.Input<Record<string, string>>;
  /** The accounts that `own` names. */
  ownAccounts: readonly string[];
  /** Which versions of clients' passwords are valid. */
  rotation: Rotation;
  /** The version of the internal accounts', from 1. */
  internalRotation: number;
  /** Whether the engine refuses to delete them. */
  protect: boolean;
}

/**
 * The passwords of all accounts of the stack. This is no resource: it makes three of type `Passwords`, and derives other
 * passwords from them.
 *
 * Clients' passwords, which roles, Redis' users and outputs use, are generated as they are rotated. The internal accounts'
 * are in files of containers and in the provider that makes roles. While a resource is to be updated, Pulumi knows none
 * of its values, and a preview could not tell what becomes of those files. So the first passwords of internal accounts
 * are generated once, and later ones are derived from a seed that stays.
 */
export class Credentials {
  private readonly clients: Passwords;
  private readonly internal: Passwords;
  private readonly seed: Passwords;
  private readonly rotation: Rotation;
  /** By account: what has no password is 0. */
  private readonly versions: Readonly<Record<string, number>>;
  private readonly internalVersion: number;

  constructor(args: CredentialsArgs) {
    this.rotation = args.rotation;
    this.versions = heldVersions(args.rotation);
    this.internalVersion = args.internalRotation;
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
          ...(versions && { versions }),
        },
        { protect: args.protect },
      );
    this.clients = passwords("login-passwords", CLIENTS, this.versions);
    this.internal = passwords("internal-passwords", INTERNAL_ACCOUNTS);
    this.seed = passwords("internal-seed", [SEED]);
  }

  /** The password to use: for clients and for the files of containers. */
  password(account: string): pulumi.Output<string> {
    return CLIENTS.includes(account)
      ? this.clients.password(account)
      : this.internalPassword(account, this.internalVersion);
  }

  /** The login that clients are to use in place of this one now, and its password. */
  current(login: string): { login: string; password: pulumi.Output<string> } {
    const holder = holderOf(login, versionOf(login, this.rotation));
    return { login: holder, password: this.password(holder) };
  }

  /**
   * The passwords of an account that may be valid, the one to use first: at least one, none of them empty. While an update
   * rotates one of the internal accounts', parts that it has not come to still take the former.
   */
  valid(account: string): pulumi.Output<string[]> {
    const isClient = CLIENT_ACCOUNTS.includes(account);
    const version = isClient ? versionOf(account, this.rotation) : this.internalVersion;
    const held = [version, version - 1].filter((one) => one > 0);
    const password = (one: number) =>
      isClient ? this.password(holderOf(account, one)) : this.internalPassword(account, one);
    return pulumi.secret(pulumi.all(held.map(password)));
  }

  /** The SCRAM-SHA-256 verifier, which is what PostgreSQL is given; nothing for a login without a password, or none yet. */
  verifier(login: string): pulumi.Output<string> | undefined {
    if (CLIENTS.includes(login)) {
      return this.versions[login] === 0 ? undefined : this.clients.verifier(login);
    }
    if (login !== DEPLOYER) return undefined;
    const version = this.internalVersion;
    return version === 1
      ? this.internal.verifier(login)
      : this.fromSeed((seed) => derivedVerifier(seed, login, version));
  }

  private internalPassword(account: string, version: number): pulumi.Output<string> {
    return version === 1
      ? this.internal.password(account)
      : this.fromSeed((seed) => derivedPassword(seed, account, version));
  }

  private fromSeed(derive: (seed: string) => string): pulumi.Output<string> {
    return pulumi.secret(this.seed.password(SEED).apply(derive));
  }
}

function only(own: Record<string, string>, accounts: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(own).filter(([account]) => accounts.includes(account)));
}
