import { z } from "zod";
import { configurationSchema } from "./schema.ts";
import { type KeyNotes, keyNotes } from "./schemaParts.ts";

/** What the schema knows about one key. */
export interface SchemaNode {
  readonly notes: KeyNotes | undefined;
  /** The keys of a mapping; empty for everything else. */
  readonly keys: readonly string[];
}

/** What the schema says about the key at a path; nothing for a path that it does not know. */
export function notesAt(path: readonly PropertyKey[]): SchemaNode {
  const schema = schemaAt(path);
  if (schema === undefined) return { notes: undefined, keys: [] };
  const inner = unwrapped(schema);
  return { notes: notesOf(schema), keys: keysOf(inner) };
}

function keysOf(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  // A mapping whose keys come from a list, such as the names of tables.
  if (schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum)
    return schema.keyType.options.map(String);
  return [];
}

/** The default of the key at a path, with the defaults of what it holds; `undefined` where it has none. */
export function defaultOf(path: readonly PropertyKey[]): unknown {
  const schema = schemaAt(path);
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.parse(undefined);
  return undefined;
}

/** A value for the key at a path: its default, else an example; nothing inside a free mapping. */
export function exampleAt(path: readonly PropertyKey[]): unknown {
  const holder = schemaAt(path.slice(0, -1));
  if (holder !== undefined && isFreeMapping(unwrapped(holder))) return undefined;
  return defaultOf(path) ?? notesAt(path).notes?.example;
}

/** Every key of a mapping's schema, with its path; a key with notes is not entered further. */
export function leaves(schema: z.ZodType = configurationSchema, path: readonly string[] = []): Leaf[] {
  const notes = notesOf(schema);
  if (notes !== undefined) return [{ path, notes }];
  const inner = unwrapped(schema);
  if (!(inner instanceof z.ZodObject)) throw new Error(`The key ${path.join(".")} has no notes.`);
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([name, child]) =>
    leaves(child, [...path, name]),
  );
}

/** A key with notes of its own. */
export interface Leaf {
  readonly path: readonly string[];
  readonly notes: KeyNotes;
}

function notesOf(schema: z.ZodType): KeyNotes | undefined {
  return keyNotes.get(schema);
}

function schemaAt(path: readonly PropertyKey[]): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((schema, segment) => {
    if (schema === undefined) return undefined;
    const inner = unwrapped(schema);
    if (inner instanceof z.ZodObject) return inner.shape[String(segment)] as z.ZodType | undefined;
    // Entries of a list and values of a free mapping: what holds for one holds for all.
    if (inner instanceof z.ZodArray) return inner.element as z.ZodType;
    if (isFreeMapping(inner)) return schema;
    return undefined;
  }, configurationSchema);
}

/** Whether it takes names of the operator's; where it takes one value for all of them as well, too. */
function isFreeMapping(schema: z.ZodType): boolean {
  return (
    schema instanceof z.ZodRecord ||
    (schema instanceof z.ZodUnion && schema.options.some((one) => isFreeMapping(one as z.ZodType)))
  );
}

/** The schema under its defaults and optional marks. */
function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrapped(schema.unwrap() as z.ZodType);
  }
  return schema;
}
