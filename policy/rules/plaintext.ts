import { isLoopback } from "../../lib/addresses.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import type { Resource, ResourceRule } from "../rule.ts";
import { mapping, text, texts } from "../values.ts";

/** What libpq checks the server's name by; the other modes take any server for the right one, or none. */
const VERIFYING = new Set(["verify-full", "verify-ca"]);

/** Schemes without TLS, and the host that follows; a host in brackets is an IPv6 address. */
const WITHOUT_TLS = /\b(http|redis|ldap|amqp|mqtt|ws|ftp):\/\/(?:[^\s/@]*@)?(\[[^\]]*\]|[^\s/:,"]*)/gi;

/** Every hop is encrypted. What a file inside a container says is not seen here: that no port answers in plain is tested. */
export const PLAINTEXT: ResourceRule = {
  name: "no-plaintext",
  description: "Whatever crosses a network is encrypted, and the server's name is checked.",
  remedy:
    "use `https://` or the port with TLS, with the stack's certificate authority; `sslmode` is `verify-full`",
  types: [TYPE.container, TYPE.dockerProvider, TYPE.postgresqlProvider, TYPE.parameters, TYPE.sqlSchema],
  faults: (resource) => [...providerFaults(resource), ...addressFaults(resource)],
};

function providerFaults({ type, args }: Resource): string[] {
  if (type === TYPE.postgresqlProvider && typeof args["sslmode"] !== "symbol") {
    const mode = text(args["sslmode"]) ?? "require";
    return VERIFYING.has(mode) ? [] : [`connects with sslmode ${mode}, which does not check who answers`];
  }
  const endpoint = text(args["host"]) ?? "";
  if (type === TYPE.dockerProvider && endpoint.startsWith("tcp:")) {
    const hasCertificate = ["certPath", "certMaterial"].some((key) => args[key] !== undefined);
    return hasCertificate ? [] : [`reaches its engine over ${endpoint} without a certificate`];
  }
  return [];
}

/** Addresses that it is given, each once; loopback crosses no network. */
function addressFaults({ type, args }: Resource): string[] {
  const given =
    type === TYPE.container
      ? [args["command"], args["entrypoints"], args["envs"]].flatMap(texts)
      : lines(args);
  const open = given.flatMap((line) => [
    ...[...line.matchAll(WITHOUT_TLS)]
      .filter(([, , host = ""]) => !isLoopback(host))
      .map(([, scheme, host]) => `${scheme}://${host}`),
    ...(/\bsslmode=(disable|allow|prefer)\b/.exec(line) ?? []).slice(0, 1),
  ]);
  return open.length === 0 ? [] : [`uses ${[...new Set(open)].join(", ")}, which is not encrypted`];
}

/** All texts of one line inside a value. Longer ones are files, where a comment may hold an address. */
function lines(value: unknown): string[] {
  if (typeof value === "string") return value.includes("\n") ? [] : [value];
  if (Array.isArray(value)) return value.flatMap(lines);
  return Object.values(mapping(value)).flatMap(lines);
}
