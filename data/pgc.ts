import type { TableData } from "./dataset.ts";

export const PGC_TABLES: TableData[] = [];
