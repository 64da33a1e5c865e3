import { PART_KINDS } from "../../lib/parts.ts";

/** The resource of the database: with it go its schemas, roles and privileges. */
export const DATABASE_NAME = "database";

/** What `acgs-db:adoptVolumes` may name: resources of volumes. */
export const volumeName = new RegExp(`^(${PART_KINDS.join("|")})-[1-9]\\d*-(data|files)$`);

/** What `acgs-db:allowDataLoss` may name. A member that has left the stack may still be named. */
export const dataName = /^((etcd|postgres|redis)-[1-9]\d*-data|database)$/;

/** How a stack's data is guarded, as its guard notes it and a preview shows it. */
export type DataMark = "protected" | "named in allowDataLoss" | "unprotected";

/** What of a stack's configuration says which data there is, and how it is guarded. */
interface DataConfiguration {
  etcd: { members: number };
  postgres: { members: number };
  redis: { masters: number; replicasPerMaster: number };
  dataVolumes: { protect: boolean };
  allowDataLoss: readonly string[];
}

/** Each data volume of a stack, and its database, with how it is guarded. */
export function dataOf(configuration: DataConfiguration): Record<string, DataMark> {
  const { etcd, postgres, redis } = configuration;
  const volumes = (kind: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${kind}-${i + 1}-data`);
  const names = [
    ...volumes("etcd", etcd.members),
    ...volumes("postgres", postgres.members),
    ...volumes("redis", redis.masters * (1 + redis.replicasPerMaster)),
    DATABASE_NAME,
  ];
  return Object.fromEntries(names.map((name) => [name, markOf(name, configuration)]));
}

/** Whether Pulumi is to refuse to delete or replace this part of the data. */
export function isProtected(name: string, configuration: DataConfiguration): boolean {
  return markOf(name, configuration) === "protected";
}

/** Whether any data is protected: then what is needed to reach it is so too. */
export function isAnyProtected(configuration: DataConfiguration): boolean {
  return Object.values(dataOf(configuration)).includes("protected");
}

function markOf(name: string, { dataVolumes, allowDataLoss }: DataConfiguration): DataMark {
  if (!dataVolumes.protect) return "unprotected";
  return allowDataLoss.includes(name) ? "named in allowDataLoss" : "protected";
}
