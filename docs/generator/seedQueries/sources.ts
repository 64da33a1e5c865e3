/** The documents that hold the requirements (docs/requirements.md), by title, and the part of each. */
const DOCUMENTS = {
  analysis: "Database Schema & Performance Analysis",
  summary: "Database Performance Optimization Summary",
  report: "Database and Caching Infrastructure Optimization Report",
  design: "DGM Database Schema Design",
  optimization: "DGM Database Performance Optimization",
} as const;

/** `Database Schema & Performance Analysis: Query Performance Analysis`. */
export function source(document: keyof typeof DOCUMENTS, part: string): string {
  return `${DOCUMENTS[document]}: ${part}`;
}
