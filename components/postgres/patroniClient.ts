import { type Answer, ask } from "../../lib/https.ts";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import type { Trusted } from "../../lib/trust.ts";
import { anyError, retry } from "../../lib/wait.ts";

/** Where a member's Patroni is reached. */
export interface RestAddress extends Trusted {
  /** Such as `https://127.0.0.1:8008`. */
  rest: string;
}

/** A member as the deployment reaches it; what runs SQL as the superuser needs its container alone. */
export interface MemberAddress extends ContainerAddress, RestAddress {
  /** Of the server itself, not of a router in front of it. */
  host: string;
  port: number;
}

/** What `GET /patroni` says, as far as it is used here. */
export interface MemberStatus {
  state: string;
  role: string;
  replication_state?: string;
  cluster_unlocked?: boolean;
}

/** A member as the cluster knows it (`GET /cluster`). */
export interface ClusterMember {
  name: string;
  /** `leader`, `replica`, `sync_standby` or `quorum_standby`. */
  role: string;
  /** Such as `running`, `streaming` or `stopped`. */
  state: string;
  /** How far a replica is behind, in bytes; a word where that is not known. */
  lag?: number | string;
}

/** What `GET /cluster` says, as far as it is used here. */
export interface ClusterView {
  members: ClusterMember[];
  /** Somebody has told Patroni to leave everything as it is. */
  pause?: boolean;
}

export function leaderOf(members: readonly ClusterMember[]): string | undefined {
  return members.find(({ role }) => role === "leader")?.name;
}

/** The dynamic configuration, which all members share. */
export interface DynamicConfiguration {
  postgresql?: { parameters?: Record<string, unknown>; pg_hba?: string[] };
  [rule: string]: unknown;
}

const UNAUTHORIZED = 401;
/** How patient a caller is with members that do not answer. */
export interface PatroniLimits {
  answerWithinMs: number;
  /** How often all members are asked, a second apart. */
  attempts: number;
}

const LIMITS: PatroniLimits = { answerWithinMs: 10_000, attempts: 3 };
/** The old primary shuts down, the new one has all its WAL, and is promoted. In ms. */
const SWITCHOVER_WITHIN_MS = 60_000;
/** A restart waits for a checkpoint and for the crash recovery after it. In s. */
const RESTART_WITHIN_S = 180;

/** Patroni's REST API of one cluster. Errors name the member and the status, never the credentials. */
export class Patroni {
  private readonly members: ReadonlyMap<string, RestAddress>;
  private readonly authorizations: readonly string[];
  private readonly limits: PatroniLimits;

  /**
   * @param user       asking takes none, changing does
   * @param passwords  tried in this order: a member that is about to take a new one has the former still
   */
  constructor(
    members: Readonly<Record<string, RestAddress>>,
    user = "",
    passwords: readonly string[] = [""],
    limits: Partial<PatroniLimits> = {},
  ) {
    this.limits = { ...LIMITS, ...limits };
    this.members = new Map(Object.entries(members));
    this.authorizations = passwords.map(
      (password) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
    );
  }

  /** For questions to a stack that is known by its outputs: they take no password. */
  static ofStack({
    postgres,
    tls,
  }: {
    postgres: { members: readonly { name: string; rest: string }[] };
    tls: Trusted;
  }): Patroni {
    const { authority } = tls;
    return new Patroni(
      Object.fromEntries(postgres.members.map(({ name, rest }) => [name, { rest, authority }])),
    );
  }

  /** @throws where the member does not answer */
  async status(member: string): Promise<MemberStatus> {
    // 503 while PostgreSQL is not running: its body says in which state it is.
    return (await this.call(member, "GET", "/patroni", { accept: [200, 503] })) as MemberStatus;
  }

  /** The dynamic configuration, from the first member that answers. */
  async configuration(): Promise<DynamicConfiguration> {
    return (await this.anyMember((member) => this.call(member, "GET", "/config"))) as DynamicConfiguration;
  }

  /** Changes the dynamic configuration: objects are merged, `null` takes a key out. */
  async patch(change: Record<string, unknown>): Promise<void> {
    await this.anyMember((member) => this.call(member, "PATCH", "/config", { body: change }));
  }

  /** What the first member that answers knows of the cluster. */
  async view(): Promise<ClusterView> {
    return (await this.anyMember((member) => this.call(member, "GET", "/cluster"))) as ClusterView;
  }

  /** All members, from the first that answers. */
  async cluster(): Promise<ClusterMember[]> {
    return (await this.view()).members;
  }

  /** The primary's name; undefined while there is none. */
  async leader(): Promise<string | undefined> {
    return leaderOf(await this.cluster());
  }

  /** Makes a replica the primary in the place of the present one. Done when it has the leader's lock. */
  async switchover(leader: string, candidate: string): Promise<void> {
    const body = { leader, candidate };
    const asked = this.members.has(leader) ? leader : [...this.members.keys()][0]!;
    // 202: Patroni accepted it, and did not see it end.
    await this.call(asked, "POST", "/switchover", {
      body,
      accept: [200, 202],
      withinMs: SWITCHOVER_WITHIN_MS,
    });
  }

  /** Restarts one member's PostgreSQL and waits until it runs again. */
  async restart(member: string): Promise<void> {
    // A timeout of its own: without one, a primary that may not take any time to start loses its role at once.
    const body = { timeout: RESTART_WITHIN_S };
    await this.call(member, "POST", "/restart", { body, withinMs: (RESTART_WITHIN_S + 30) * 1000 });
  }

  /** The first answer. Members that are away are passed over: the others know the same. */
  private async anyMember<T>(call: (member: string) => Promise<T>): Promise<T> {
    const errors = new Set<string>();
    const attempt = async () => {
      for (const member of this.members.keys()) {
        try {
          return await call(member);
        } catch (error) {
          errors.add((error as Error).message);
        }
      }
      throw new Error(
        `No member took the call: ${[...errors].join("; ")}. See \`docker logs\` of the members.`,
      );
    };
    const { attempts } = this.limits;
    return retry(attempt, { attempts, firstPauseMs: 1_000, longestPauseMs: 1_000, when: anyError });
  }

  private async call(
    member: string,
    method: string,
    path: string,
    options: { body?: unknown; accept?: number[]; withinMs?: number } = {},
  ): Promise<unknown> {
    const { body, accept = [200], withinMs = this.limits.answerWithinMs } = options;
    const address = this.members.get(member);
    if (address === undefined) throw new Error(`${member} is not a member of the cluster`);
    const { rest } = address;
    let answer: Answer | undefined;
    for (const authorization of this.authorizations) {
      try {
        answer = await ask(`${rest}${path}`, address, {
          method,
          headers: { authorization, "content-type": "application/json" },
          body: body === undefined ? "" : JSON.stringify(body),
          withinMs,
        });
      } catch (error) {
        const cause = (error as { code?: string }).code ?? (error as Error).name;
        throw new Error(`Patroni of ${member} (${rest}) does not answer: ${cause}`, { cause: error });
      }
      if (answer.status !== UNAUTHORIZED) break;
    }
    const { status, text } = answer!;
    if (!accept.includes(status)) {
      throw new Error(`Patroni of ${member} (${rest}) refused ${method} ${path}: ${status} ${text.trim()}`);
    }
    return text.startsWith("{") ? JSON.parse(text) : text;
  }
}
