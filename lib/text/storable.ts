/** Whether every program takes it as a text: no NUL, which ends one in C, and no half of a character (UTF-16). */
export function isStorableText(value: unknown): value is string {
  return typeof value === "string" && !/[\0\p{Surrogate}]/u.test(value);
}
