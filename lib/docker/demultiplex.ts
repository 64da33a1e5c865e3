/** Of an exec's streams. */
export type StreamName = "stdout" | "stderr";

const HEADER = 8;
const STDERR = 2;

/**
 * Tells standard output from standard error in the stream of an exec without a terminal: frames of a header (kind of
 * stream in its first byte, length in its last four) and as many bytes. Hands bytes on as they come, without copies.
 */
export function demultiplexer(take: (stream: StreamName, data: Buffer) => void): (chunk: Buffer) => void {
  let header = Buffer.alloc(0);
  let stream: StreamName = "stdout";
  let left = 0;
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (left === 0) {
        const missing = HEADER - header.length;
        header = Buffer.concat([header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (header.length < HEADER) return;
        stream = header[0] === STDERR ? "stderr" : "stdout";
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
      } else {
        const data = rest.subarray(0, left);
        rest = rest.subarray(left);
        left -= data.length;
        take(stream, data);
      }
    }
  };
}
