import { defineConfig } from "vitest/config";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Parts of `npm test`, cheapest first. Those that share a toolchain run one file after the other. */
export default defineConfig({
  test: {
    environment: "node",
    setupFiles: ["test/support/fixedSeeds.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 30 * SECOND,
          hookTimeout: 2 * MINUTE,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 30 * SECOND,
          hookTimeout: 2 * MINUTE,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: "toolchain",
          include: ["test/toolchain/**/*.test.ts"],
          testTimeout: 2 * MINUTE,
          hookTimeout: 5 * MINUTE,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "sql",
          include: ["test/sql/**/*.test.ts"],
          globalSetup: ["test/support/sqlGlobalSetup.ts"],
          testTimeout: 3 * MINUTE,
          hookTimeout: 5 * MINUTE,
          // Each has a server of its own, or a database of its own on one that they share.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: "stack",
          include: ["test/stack/**/*.test.ts"],
          testTimeout: 10 * MINUTE,
          hookTimeout: 15 * MINUTE,
          // Each has a stack of its own, and waits for health checks most of the time.
          maxWorkers: 2,
        },
      },
    ],
  },
});
