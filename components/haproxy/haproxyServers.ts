import * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../../lib/dynamic.ts";
import { type ChainArgs, chainInput } from "../postgres/switchover/proxyPath.ts";
import type { RoutedMember } from "./haproxyConfiguration.ts";

export interface RoutesArgs {
  /** PostgreSQL's members; which of them is the primary, HAProxy finds out. */
  members: readonly RoutedMember[];
  /** The HAProxies that get them, and the PgBouncers whose connections go over to the reloaded ones. */
  chain: ChainArgs;
}

/**
 * The members behind all HAProxies. A change is written into each and taken up by a reload: no container is replaced,
 * sessions go on. Done when every HAProxy sees the primary.
 */
export class Routes extends ProjectResource {
  constructor(name: string, args: RoutesArgs, opts?: pulumi.CustomResourceOptions) {
    const members = Object.fromEntries(args.members.map(({ name: member, ...where }) => [member, where]));
    const chain = chainInput(args.chain);
    super("Routes", "components/haproxy/haproxyServers.provider.ts", name, { members, chain }, opts);
  }
}
