import fc from "fast-check";
import { expect, it } from "vitest";
import { demultiplexer } from "../../../lib/docker/demultiplex.ts";
import { frame } from "./fakeEngine.ts";

const frames = fc.array(
  fc.record({
    stream: fc.constantFrom("stdout" as const, "stderr" as const),
    data: fc.uint8Array({ maxLength: 40 }),
  }),
);

it("tells the streams apart however the connection cuts their frames", () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1 }), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(({ stream, data }) => frame(stream, Buffer.from(data))));
      const taken = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
      const feed = demultiplexer((stream, data) => (taken[stream] = Buffer.concat([taken[stream], data])));
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const length = cuts[i % cuts.length]!;
        feed(bytes.subarray(at, at + length));
        at += length;
      }
      for (const name of ["stdout", "stderr"] as const) {
        const expected = sent.filter(({ stream }) => stream === name).map(({ data }) => Buffer.from(data));
        expect(taken[name].equals(Buffer.concat(expected))).toBe(true);
      }
    }),
  );
});
