import fc from "fast-check";

/**
 * Properties draw the same values in every run, so that a change decides whether they hold, and not the day.
 * `ACGS_DB_TEST_SEED=random npm test -- unit` hunts with new ones; a failure names its seed, which takes the place of
 * `random` to draw those again.
 */
const given = process.env["ACGS_DB_TEST_SEED"] ?? "15";
const seed = given === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(given);
if (!Number.isSafeInteger(seed))
  throw new RangeError(`ACGS_DB_TEST_SEED is ${given}: a whole number, or "random".`);
fc.configureGlobal({ seed });
