/**
 * The moment at which the examples' rows end and the queries are asked. It is fixed: by the server's own
 * clock the queries would read other months from one day to the next, and the page would change.
 */
export const MOMENT = "2025-06-15 12:00:00+00";

/** The months that hold rows. */
export const FIRST_MONTH = "2025-03-01";
/** The month of {@link MOMENT}. */
export const LAST_MONTH = "2025-06-01";
