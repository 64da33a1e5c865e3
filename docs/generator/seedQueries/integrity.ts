import type { ServiceQuery } from "../plans/seedQuery.ts";
import { source } from "./sources.ts";

const SCHEMA = source("analysis", "Integrity Service Schema, Key Indexes");
const SLOW = source("analysis", "Query Performance Analysis, pattern 2");

/** Has a tenth of all entries. */
const BUSY = "md5('user 1')::uuid";

/** What the requirements ask of `integrity`, and what follows from them. */
export const integrityQueries: ServiceQuery[] = [
  {
    title: "Latest entries",
    source: SCHEMA,
    sql: "SELECT * FROM audit_logs ORDER BY created_at DESC LIMIT 50",
    indexes: ["idx_audit_logs_timestamp"],
  },
  {
    title: "Latest entries of a user",
    source: SCHEMA,
    sql: "SELECT * FROM audit_logs WHERE user_id = $1 ORDER BY created_at DESC LIMIT 50",
    values: [BUSY],
    indexes: ["idx_audit_logs_user"],
  },
  {
    title: "What a user did",
    source: source("analysis", "Phase 1, Index Optimization"),
    sql: "SELECT created_at, action FROM audit_logs WHERE user_id = $1 ORDER BY created_at DESC LIMIT 50",
    values: [BUSY],
    indexes: ["idx_audit_logs_user_time"],
    note:
      "The requirements name two indexes on the same columns. This one holds the action too, so the answer comes from it " +
      "alone. Where neither saves reading rows, and the entries are so few that their sizes make no difference, the " +
      "server takes either.",
  },
  {
    title: "What a user did with policies",
    source: SLOW,
    sql: `SELECT * FROM audit_logs
WHERE user_id = $1 AND action LIKE '%policy%'
ORDER BY created_at DESC`,
    values: [BUSY],
    indexes: ["idx_audit_logs_user", "idx_audit_logs_action_trgm"],
    note:
      "The requirements' problematic query, as they wrote it, for a user with many entries: `LIKE` is answered by an index " +
      "too, and only rows that both indexes name are read. Of a user with few entries the server reads all by the user's " +
      "index, and filters.",
  },
  {
    title: "Entries by a part of the action",
    source: SLOW,
    sql: "SELECT * FROM audit_logs WHERE action LIKE '%rejected%' ORDER BY created_at DESC",
    indexes: ["idx_audit_logs_action_trgm"],
    note:
      "Over all users: the search that no B-tree serves. Trigrams find the text anywhere in the action, also in the midst " +
      "of a word.",
  },
  {
    title: "Actions on a kind of resource",
    source: source("summary", "Phase 2, Governance Indexes"),
    sql: `SELECT * FROM audit_logs WHERE resource_type = 'policy' AND action = 'login'
ORDER BY created_at DESC LIMIT 50`,
    indexes: ["idx_audit_logs_resource_action"],
  },
  {
    title: "Signatures of a document",
    source: SCHEMA,
    sql: "SELECT * FROM signatures WHERE document_hash = $1",
    values: ["SELECT min(document_hash) FROM signatures"],
    indexes: ["idx_signatures_document"],
  },
  {
    title: "Records of a hash",
    source: SCHEMA,
    sql: "SELECT * FROM hash_records WHERE hash_value = $1",
    values: ["SELECT min(hash_value) FROM hash_records"],
    indexes: ["idx_hash_records_hash"],
  },
];
