import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { imageBuild, IMAGES } from "../../../components/docker/imageNames.ts";
import { TYPE } from "../../../lib/pulumi/types.ts";
import { imageFaults, unpinnedBases } from "../../../policy/rules/images.ts";
import { resource, resourceRule } from "./support.ts";

const images = resolve(import.meta.dirname, "../../../images");
const image = (args: Record<string, unknown>) => resource(TYPE.image, args, "redis-image");
const from = (line: string) => () => `${line}\nRUN true\n`;

describe("pinned-build", () => {
  it("lets an image of the project pass, read as it lies there", () => {
    const { faults } = resourceRule("pinned-build");
    for (const name of IMAGES) {
      const built = image({ name: `acgs-db/${name}:0123456789ab`, build: imageBuild(name) });
      expect(faults(built), name).toEqual([]);
    }
  });

  it("refuses a tag that moves, and a base that does", () => {
    const build = { context: "images/redis" };
    expect(imageFaults(image({ name: "acgs-db/redis", build }), from("FROM debian:12"))).toEqual([
      "is built as acgs-db/redis, which says nothing of its content",
    ]);
    expect(imageFaults(image({ name: "a/b:1", build }), from("FROM debian:latest"))).toEqual([
      "is built FROM debian:latest, which names no version",
    ]);
  });

  it("reads the Dockerfile that the build names", () => {
    const build = { context: "images/redis", dockerfile: "Dockerfile.slim" };
    const read = (path: string) =>
      path === "images/redis/Dockerfile.slim" ? "FROM debian" : "FROM debian:12";
    expect(imageFaults(image({ name: "a/b:1", build }), read)).toHaveLength(1);
  });

  it("refuses to pull by a tag", () => {
    expect(imageFaults(image({ name: "redis:7" }))).toEqual([
      "is pulled as redis:7, which says nothing of its content",
    ]);
    expect(imageFaults(image({ name: `redis@sha256:${"0".repeat(64)}` }))).toEqual([]);
  });
});

describe("the bases of a Dockerfile", () => {
  it("are those of all stages, but for stages themselves", () => {
    const text = [
      "ARG BASE=debian",
      "FROM --platform=linux/amd64 debian:bookworm-slim AS build",
      "from build AS test",
      "FROM host:5000/debian",
      "FROM \\\n  alpine",
      "FROM $BASE:12",
      "FROM scratch",
    ].join("\n");
    expect(unpinnedBases(text)).toEqual(["host:5000/debian", "alpine", "$BASE:12"]);
  });

  it("are found in every Dockerfile of the project", () => {
    for (const name of IMAGES) {
      const dockerfile = readFileSync(resolve(images, name, "Dockerfile"), "utf8");
      expect(unpinnedBases(dockerfile.replaceAll(/(debian):\S+/g, "$1")), name).toContain("debian");
    }
  });
});
