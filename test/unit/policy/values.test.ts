import { expect, it } from "vitest";
import { isMissing, list, mapping, officiallyNamed, text, texts, UNKNOWN } from "../../../policy/values.ts";

it("reads nothing out of what is not known", () => {
  expect([list(UNKNOWN), texts([UNKNOWN, "a", 1]), mapping(UNKNOWN), text(UNKNOWN)]).toEqual([
    [],
    ["a"],
    {},
    undefined,
  ]);
  expect([undefined, null, 0, -1].map(isMissing)).toEqual([true, true, true, true]);
  expect([1, UNKNOWN].map(isMissing)).toEqual([false, false]);
});

it("calls a container's inputs as the npm package does, whichever plugin has read them", () => {
  const official = { command: ["etcd"], networksAdvanced: [{ name: "acgs-dev" }], name: "etcd-1" };
  expect(
    officiallyNamed({ commands: ["etcd"], networksAdvanceds: [{ name: "acgs-dev" }], name: "etcd-1" }),
  ).toEqual(official);
  expect(officiallyNamed(official)).toEqual(official);
});
