/** What can be granted on a table. */
export const VERBS = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"] as const;
export type Verb = (typeof VERBS)[number];

/** A verb, on all columns or on those that are named. */
export interface Right {
  readonly verb: Verb;
  readonly columns?: readonly string[];
}

/**
 * Who meets a service's schema: the service whose schema it is, the application at large (`acgs_writer`, whose one
 * member is `acgs_user`), and the readers (`acgs_reader`: people and monitoring).
 */
export const PARTIES = ["service", "application", "reader"] as const;
export type Party = (typeof PARTIES)[number];

interface Kind {
  /** For people: what tables of this kind are. */
  readonly meaning: string;
  readonly rights: Readonly<Record<Party, readonly Verb[]>>;
}

const READ = ["SELECT"] as const;

/**
 * The kinds of tables with what each party may do on them. Nobody gets TRUNCATE, REFERENCES or TRIGGER, and nobody
 * anything on a partition: who reads or writes goes through the table above it, whose rights decide.
 */
export const KINDS = {
  work: {
    meaning: "what is made and changed in daily work, by the service and by the application at large",
    rights: {
      service: ["SELECT", "INSERT", "UPDATE", "DELETE"],
      application: ["SELECT", "INSERT", "UPDATE"],
      reader: READ,
    },
  },
  history: {
    meaning: "rows that live on and change, and that nobody deletes",
    rights: {
      service: ["SELECT", "INSERT", "UPDATE"],
      application: ["SELECT", "INSERT", "UPDATE"],
      reader: READ,
    },
  },
  own: {
    meaning: "rules, reference data and state that only their service writes: others act on them",
    rights: { service: ["SELECT", "INSERT", "UPDATE", "DELETE"], application: READ, reader: READ },
  },
  log: {
    meaning: "append-only: rows come and stay as they are; months go by retention",
    rights: { service: ["SELECT", "INSERT"], application: ["SELECT", "INSERT"], reader: READ },
  },
  evidence: {
    meaning: "what proves something: its service adds it, and changes nothing but named columns",
    rights: { service: ["SELECT", "INSERT"], application: READ, reader: READ },
  },
  secret: {
    meaning: "holds credentials: only its service writes, and sees every column",
    rights: { service: ["SELECT", "INSERT", "UPDATE", "DELETE"], application: READ, reader: READ },
  },
  derived: {
    meaning: "kept by functions of the owner: nobody else writes",
    rights: { service: READ, application: READ, reader: READ },
  },
  view: {
    meaning: "a view: reads as its owner",
    rights: { service: READ, application: READ, reader: READ },
  },
  private: {
    meaning: "a view that shows secrets: for its service alone",
    rights: { service: READ, application: [], reader: [] },
  },
} as const satisfies Record<string, Kind>;

export type TableKind = keyof typeof KINDS;

/** One table or view of a service's schema. */
export interface TableEntry {
  readonly kind: TableKind;
  /** The sequence from which its key comes: who may insert may draw from it. */
  readonly sequence?: string;
  /** The columns that others than the service see; all when left out. One that is new is hidden until it is named. */
  readonly readable?: readonly string[];
  /** The columns that may be given when a row is inserted; the server sets the others. All when left out. */
  readonly insertable?: readonly string[];
  /** The columns that the service may change in a table whose rows are otherwise fixed. */
  readonly changeable?: readonly string[];
  /** What the application at large may do here instead of what the kind says, and why. */
  readonly application?: { readonly rights: readonly Right[]; readonly why: string };
}

/** What a party may do on a table or view. */
export function rightsOn(entry: TableEntry, party: Party): Right[] {
  const granted: readonly Right[] =
    party === "application" && entry.application
      ? entry.application.rights
      : KINDS[entry.kind].rights[party].map((verb) => ({ verb }));
  const rights = granted.map((right): Right => {
    const columns =
      right.verb === "SELECT" && party !== "service"
        ? entry.readable
        : right.verb === "INSERT"
          ? entry.insertable
          : undefined;
    return columns && !right.columns ? { verb: right.verb, columns } : right;
  });
  if (party === "service" && entry.changeable) rights.push({ verb: "UPDATE", columns: entry.changeable });
  return rights;
}
