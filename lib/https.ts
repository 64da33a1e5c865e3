import { request } from "node:https";
import { text } from "node:stream/consumers";
import { type Trusted, verifiedTls } from "./trust.ts";

export interface Answer {
  status: number;
  text: string;
}

export interface HttpsRequest {
  method: string;
  headers: Record<string, string>;
  /** Empty for none. */
  body: string;
  withinMs: number;
}

/**
 * One request to a server of the stack, whose certificate is checked. (`fetch` cannot be told of an authority.)
 *
 * @throws Error where no whole answer comes in time, or from somebody else
 */
export async function ask(url: string, trusted: Trusted, asked: HttpsRequest): Promise<Answer> {
  const { method, headers, body, withinMs } = asked;
  const signal = AbortSignal.timeout(withinMs);
  const length = Buffer.byteLength(body);
  return new Promise((resolve, reject) => {
    const { host, ...tls } = verifiedTls(new URL(url).hostname, trusted);
    const options = { ...tls, host, method, signal, agent: false as const };
    const sent = request(
      url,
      { ...options, headers: { ...headers, ...(length > 0 && { "content-length": length }) } },
      (response) => {
        text(response).then((all) => resolve({ status: response.statusCode ?? 0, text: all }), reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}
