import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeAuthorityFile } from "../../../components/security/authorityFile.ts";

it("writes the authority's file again where a power failure cut it, and leaves nothing beside it", () => {
  const directory = mkdtempSync(join(tmpdir(), "acgs-authority-"));
  try {
    const file = join(directory, writeAuthorityFile("a certificate", directory));
    truncateSync(file, 3);
    writeAuthorityFile("a certificate", directory);
    expect(readFileSync(file, "utf8")).toBe("a certificate");
    expect(readdirSync(join(directory, ".certificates"))).toHaveLength(1);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
