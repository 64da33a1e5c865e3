import { appendFileSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { IMAGE_USERS, imageBuild, imageName, IMAGES } from "../../../components/docker/imageNames.ts";

const read = (path: string) => readFileSync(`images/${path}`, "utf8");

/** The package that each image is about, with the version that it must be, and its base. */
const CONTENTS = {
  etcd: { base: "debian:trixie-slim", packages: ["etcd-server=3.5.*"], stop: "SIGTERM" },
  postgres: { base: "debian:bookworm-slim", packages: ["postgresql-15=15.*"], stop: "SIGTERM" },
  haproxy: { base: "debian:trixie-slim", packages: ["haproxy=3.0.*"], stop: "SIGUSR1" },
  pgbouncer: { base: "debian:trixie-slim", packages: ["pgbouncer=1.24.*"], stop: "SIGINT" },
  redis: { base: "debian:bookworm-slim", packages: ["redis-server=5:7.0.*"], stop: "SIGTERM" },
} as const;

it("are the images that a stack builds", () => {
  expect(readdirSync("images").sort()).toEqual([...IMAGES, "common"].sort());
});

it("have Dockerfiles that every Docker provider finds: some look below the project's folder first", () => {
  for (const image of IMAGES) expect(existsSync(imageBuild(image).dockerfile), image).toBe(false);
});

describe.each(IMAGES)("the image %s", (name) => {
  const dockerfile = read(`${name}/Dockerfile`);
  const { base, packages, stop } = CONTENTS[name];

  it("is made from its Debian suite alone", () => {
    const stages = new Set([...dockerfile.matchAll(/^FROM (\S+) AS (\S+)/gm)].map(([, , stage]) => stage));
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)]
      .map(([, from]) => from!)
      .filter((from) => !stages.has(from));
    expect(new Set(bases)).toEqual(new Set([base]));
    expect(dockerfile).toContain(`org.opencontainers.image.base.name="${base}"`);
  });

  it("pins what it is about and checks the version it got", () => {
    for (const one of packages) expect(dockerfile).toContain(`'${one}'`);
    expect(dockerfile).toMatch(/(--version|haproxy -v) \| grep /);
  });

  it("stops on the signal that ends its work cleanly, and says why", () => {
    expect([...dockerfile.matchAll(/^STOPSIGNAL (\S+)$/gm)].map(([, signal]) => signal)).toEqual([stop]);
    expect(dockerfile).toMatch(/^# .*\nSTOPSIGNAL/m);
  });

  it("has the latest security fixes", () => {
    expect(dockerfile).toContain("\nRUN bash /tmp/prepare-base ");
    expect(read("common/prepare-base")).toContain("-security");
    expect(dockerfile).toContain("apt-get upgrade -y");
  });

  it("runs as the user that its files are written for, and its entry point becomes the service", () => {
    const number = IMAGE_USERS[name];
    expect(dockerfile).toContain(`\nUSER ${number}:${number}\n`);
    expect(dockerfile).toMatch(new RegExp(`^RUN bash /tmp/prepare-base \\w+ ${number} `, "m"));
    expect(read("common/prepare-base")).toMatch(/^groupadd .*--gid "\$2" .*\nuseradd .*--uid "\$2" /m);
    if (!existsSync(`images/${name}/entrypoint`)) return;
    expect(dockerfile).toContain('ENTRYPOINT ["entrypoint"]');
    expect(read(`${name}/entrypoint`).trimEnd().split("\n").at(-1)).toBe('exec "$@"');
  });

  it("holds nothing that a build of an older engine refuses", () => {
    expect(dockerfile).not.toMatch(/--chmod|--mount|<<EOF/);
  });

  it("copies files of its own folder and of the shared one only", () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, text]) =>
      text!.split(" "),
    );
    expect(sources.filter((path) => !new RegExp(`^(${name}|common)/`).test(path))).toEqual([]);
    expect(sources.length).toBeGreaterThan(2);
  });

  it("has scripts for bash, or for the Python of Patroni, that fail on the first fault", () => {
    for (const file of readdirSync(`images/${name}`)) {
      if (/Dockerfile|requirements|ca-bundle|\.lua$/.test(file)) continue;
      const own = name === "postgres" ? /^#!\/(bin\/bash|usr\/bin\/python3 -IS)\n/ : /^#!\/bin\/bash\n/;
      expect(read(`${name}/${file}`)).toMatch(own);
    }
    if (existsSync(`images/${name}/entrypoint`))
      expect(read(`${name}/entrypoint`)).toContain("set -euo pipefail");
  });
});

it("takes Patroni's packages by hash only, each pinned", () => {
  const requirements = read("postgres/requirements.txt")
    .split(/\n(?=[a-z])/)
    .filter((entry) => !entry.startsWith("#"));
  expect(requirements.length).toBeGreaterThan(10);
  for (const entry of requirements)
    expect(entry).toMatch(/^[a-z0-9-]+==\S+ \\\n\s+--hash=sha256:[0-9a-f]{64}/);
  expect(read("postgres/requirements.txt")).toContain("patroni==4.1.5");
  expect(read("postgres/Dockerfile")).toContain("--require-hashes");
});

describe("the tag of an image", () => {
  const folder = mkdtempSync(join(tmpdir(), "acgs-images-"));
  cpSync("images", join(folder, "images"), { recursive: true });
  afterAll(() => rmSync(folder, { recursive: true }));
  const changedBy = (path: string) => {
    const before = IMAGES.map((image) => imageName(image, folder));
    appendFileSync(join(folder, "images", path), "\n# changed\n");
    return IMAGES.filter((image, i) => imageName(image, folder) !== before[i]);
  };

  it("changes with the image's own files, and with no other image's", () => {
    for (const image of IMAGES) expect(changedBy(`${image}/Dockerfile`)).toEqual([image]);
  });

  it("changes with the files that all share", () => {
    for (const file of readdirSync("images/common")) expect(changedBy(`common/${file}`)).toEqual([...IMAGES]);
  });

  it("is the same in every checkout", () => {
    cpSync("images", join(folder, "again", "images"), { recursive: true });
    for (const image of IMAGES) expect(imageName(image, join(folder, "again"))).toBe(imageName(image));
  });
});

it("does not carry a machine's certificates into the final image, nor into the tag", () => {
  const final = read("postgres/Dockerfile").split(/^FROM base$/m)[1]!;
  expect(final).not.toContain("ca-bundle");
  expect(imageName("postgres")).toMatch(/^acgs-db\/postgres:[0-9a-f]{12}$/);
});
