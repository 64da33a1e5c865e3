import * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../../lib/dynamic.ts";
import { type ProxyPathArgs, proxyPathInput } from "../postgres/switchover/proxyPath.ts";
import type { RoutedMember } from "./haproxyConfiguration.ts";

export interface HaproxyServersArgs {
  /** PostgreSQL's members; which of them is the primary, HAProxy finds out. */
  members: readonly RoutedMember[];
  /** The HAProxies that get them, and the PgBouncers whose connections go over to the reloaded ones. */
  proxies: ProxyPathArgs;
}

/**
 * The members behind all HAProxies. An update writes a change into each and reloads it: no container is replaced,
 * sessions go on. Done when every HAProxy sees the primary.
 */
export class HaproxyServers extends ProjectResource {
  constructor(name: string, args: HaproxyServersArgs, opts?: pulumi.CustomResourceOptions) {
    const members = Object.fromEntries(args.members.map(({ name: member, ...where }) => [member, where]));
    const proxies = proxyPathInput(args.proxies);
    super("HaproxyServers", name, { members, proxies }, opts);
  }
}
