import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CONTAINER_SETTINGS } from "../../../components/docker/container.ts";
import { IMAGES } from "../../../components/docker/imageNames.ts";
import { lintDockerfile, RULES } from "./rules.ts";

const read = (path: string) => readFileSync(`images/${path}`, "utf8");

it.each(IMAGES)("the Dockerfile of %s breaks no rule", (name) => {
  expect(lintDockerfile(read(`${name}/Dockerfile`))).toEqual([]);
});

it("the health check that images bring is the one that the stack asks", () => {
  expect(CONTAINER_SETTINGS.healthcheck.tests).toEqual(["CMD", "healthcheck"]);
});

/** For each rule what breaks it, in a Dockerfile of the project: what is replaced, and by what. */
const BREAKS: Record<string, [from: string | RegExp, to: string][]> = {
  base: [
    ["FROM debian:bookworm-slim", "FROM debian:latest"],
    [/FROM debian:bookworm-slim AS base/, "FROM debian AS base"],
    [/FROM base\n/, "FROM other\n"],
  ],
  DL3008: [["'python3=3.11.*'", "python3"]],
  DL3009: [[/rm -rf \/var\/lib\/apt\/lists\/\*/, "true"]],
  DL3014: [["install -y", "install"]],
  DL3015: [["--no-install-recommends ", ""]],
  DL3027: [["apt-get update", "apt update"]],
  DL3004: [["RUN mkdir", "RUN sudo mkdir"]],
  DL3003: [["RUN mkdir", "RUN cd / && mkdir"]],
  DL3000: [["WORKDIR /tmp", "WORKDIR tmp"]],
  pip: [
    ["--require-hashes ", ""],
    ["--no-cache-dir ", ""],
  ],
  DL3020: [["COPY common/harden-and-sbom /tmp/", "ADD common/harden-and-sbom /tmp/"]],
  modes: [["chmod 0755 /usr/local/bin/*", "true"]],
  DL4006: [[/SHELL .*\n/, ""]],
  DL3025: [
    ['CMD ["patroni", "/run/acgs/patroni"]', "CMD patroni /run/acgs/patroni"],
    ['ENTRYPOINT ["entrypoint"]', "ENTRYPOINT entrypoint"],
  ],
  DL4003: [
    ["STOPSIGNAL", 'CMD ["postgres"]\nSTOPSIGNAL'],
    [/CMD .*\n/, ""],
  ],
  DL3002: [
    ["USER 854:854", "USER root"],
    ["USER 854:854", "USER 0:0"],
    ["USER 854:854", "USER postgres"],
    [/USER .*\n/, ""],
    ["STOPSIGNAL", "RUN true\nSTOPSIGNAL"],
  ],
  DL3049: [["org.opencontainers.image.version=", "version="]],
  DL3057: [["COPY postgres/entrypoint postgres/healthcheck ", "COPY postgres/entrypoint "]],
  DL3064: [
    ["ENV HOME=/tmp", "ENV HOME=/tmp PGPASSWORD=x"],
    ["ARG PACKAGES_AS_OF", "ARG NPM_TOKEN\nARG PACKAGES_AS_OF"],
  ],
  sbom: [
    [/RUN bash \/tmp\/harden-and-sbom .*\n/, ""],
    [/(RUN bash \/tmp\/harden-and-sbom .*\n)/, "$1RUN true\n"],
  ],
};

describe("a Dockerfile that breaks a rule", () => {
  const sound = read("postgres/Dockerfile");

  it("is refused by each rule", () => {
    expect(Object.keys(BREAKS).sort()).toEqual(RULES.map(({ id }) => id).sort());
  });

  const cases = Object.entries(BREAKS).flatMap(([id, changes]) =>
    changes.map(([from, to]) => [id, from, to] as const),
  );
  it.each(cases)("is refused by %s: %s -> %j", (id, from, to) => {
    const broken = sound.replace(from, to);
    expect(broken).not.toBe(sound);
    expect(new Set(lintDockerfile(broken).map((fault) => fault.split(" ")[0]))).toContain(id);
  });
});

describe("scripts of images", () => {
  const scripts = [...IMAGES, "common"].flatMap((folder) =>
    readdirSync(`images/${folder}`)
      .map((file) => `${folder}/${file}`)
      // One in Python is run by test/sql/migrations/localSocket.test.ts.
      .filter((path) => read(path).startsWith("#!/bin/bash")),
  );

  it("can be parsed", () => {
    expect(scripts.length).toBeGreaterThan(IMAGES.length);
    for (const script of scripts) {
      const { status, stderr } = spawnSync("bash", ["-n", `images/${script}`], { encoding: "utf8" });
      expect({ script, status, stderr }).toEqual({ script, status: 0, stderr: "" });
    }
  });

  it("exist once: each image copies the shared ones, and none is a copy of another", () => {
    const shared = readdirSync("images/common").sort();
    for (const image of IMAGES) {
      const copied = [...read(`${image}/Dockerfile`).matchAll(/^COPY common\/(\S+) \/tmp\/$/gm)];
      expect(copied.map(([, file]) => file).sort(), image).toEqual(shared);
    }
    expect(new Set(scripts.map(read)).size).toBe(scripts.length);
  });
});
