import fc from "fast-check";
import type { SizingHost } from "../../components/postgres/memory.ts";

/** Every host that a stack may have: 1 GiB and 1 core to 1 TiB and 128 cores, small ones as often as large ones. */
export const sizingHosts: fc.Arbitrary<SizingHost> = fc.record({
  memoryMb: fc.oneof(
    fc.integer({ min: 1_024, max: 8_192 }),
    fc.integer({ min: 8_192, max: 131_072 }),
    fc.integer({ min: 131_072, max: 1_048_576 }),
  ),
  cpus: fc.integer({ min: 1, max: 128 }),
  storage: fc.constantFrom("ssd", "nvme", "hdd"),
  workload: fc.constantFrom("oltp", "mixed", "olap"),
  maxConnections: fc.integer({ min: 20, max: 1_000 }),
  members: fc.integer({ min: 1, max: 7 }),
});
