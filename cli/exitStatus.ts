/** What the exit status of every command means. */
export const EXIT = {
  ok: 0,
  /** It failed, could not look, or was written wrongly. */
  failed: 1,
  /** It looked, and found what the operator asked to be told of: drift, advice, a failed control, a missed limit. */
  found: 2,
  /** As a shell says it of Ctrl-C. */
  interrupted: 130,
} as const;
