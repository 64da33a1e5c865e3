/** Labels of a volume that say whose it is: the stack's name in words, and the identity that its state keeps. */
export const STACK_LABEL = "acgs-db.stack";
export const IDENTITY_LABEL = "acgs-db.identity";

/** The resources of a part's volumes: what it keeps, and the files that it is given. */
export function volumesOf(alias: string): string[] {
  return [`${alias}-data`, `${alias}-files`];
}
