/** A command or subcommand as `COMMAND` describes it (Redis 7). */
export interface RedisCommand {
  /** Such as `get` or `config|get`. */
  name: string;
  categories: readonly string[];
  /** Whether what it is given names keys or channels. */
  named: "keys" | "channels" | "nothing";
  /** The command with its arguments; keys and channels are called `name`. */
  words: (name: string) => [string, ...string[]];
}

type Reply = [string, number, string[], number, number, number, string[], string[], unknown[], Reply[]];

const CHANNELS = new Set(["publish", "spublish", "subscribe", "ssubscribe", "psubscribe"]);

/** Reads the reply of `COMMAND`; a command that has subcommands stands for these. */
export function commandsOf(replies: unknown): RedisCommand[] {
  return (replies as Reply[]).flatMap((reply): RedisCommand[] => {
    const subcommands = reply[9];
    return subcommands.length > 0 ? subcommands.map(one) : [one(reply)];
  });
}

function one([name, arity, , , , , categories, , keySpecs]: Reply): RedisCommand {
  const first = name.split("|") as [string, ...string[]];
  const specs = keySpecs.map((spec) => record(spec));
  return {
    name,
    categories: categories.map((category) => category.replace(/^@/, "")),
    // To hear no more of a channel needs nothing.
    named: CHANNELS.has(name) ? "channels" : specs.length > 0 && name !== "sunsubscribe" ? "keys" : "nothing",
    words: (key) => {
      // A number is taken wherever a word is wanted, and the least that is asked for is enough: nothing is executed.
      const words = [...first];
      while (words.length < Math.abs(arity)) words.push("1");
      if (CHANNELS.has(name)) words[1] = key;
      for (const spec of specs) placeKeys(words, spec, key);
      return words as [string, ...string[]];
    },
  };
}

/** Puts the key where the specification looks for keys. */
function placeKeys(words: string[], spec: Record<string, unknown>, key: string): void {
  const search = record(spec["begin_search"]);
  const where = record(search["spec"]);
  if (search["type"] === "keyword") {
    // Optional ones are left out, such as STORE of SORT; STREAMS of XREAD is not.
    if (where["keyword"] !== "STREAMS") return;
    words.splice(1, words.length, ...(words[0] === "xreadgroup" ? ["GROUP", "1", "1"] : []), "STREAMS");
    words.push(key, "0");
    return;
  }
  if (search["type"] !== "index") return;
  const begin = Number(where["index"]);
  const find = record(spec["find_keys"]);
  const found = record(find["spec"]);
  if (find["type"] === "keynum") {
    set(words, begin + Number(found["keynumidx"]), "1");
    set(words, begin + Number(found["firstkey"]), key);
  } else {
    const step = Number(found["keystep"]);
    const last = Number(found["lastkey"]);
    const end = last < 0 ? words.length + last : begin + last;
    for (let i = begin; i <= Math.max(begin, end); i += step) set(words, i, key);
  }
}

function set(words: string[], index: number, word: string): void {
  while (words.length <= index) words.push("1");
  words[index] = word;
}

/** Redis 7 sends maps as lists of names and values in the older protocol. */
function record(list: unknown): Record<string, unknown> {
  const values = (list ?? []) as unknown[];
  const pairs: [string, unknown][] = [];
  for (let i = 0; i + 1 < values.length; i += 2) pairs.push([String(values[i]), values[i + 1]]);
  return Object.fromEntries(pairs);
}
