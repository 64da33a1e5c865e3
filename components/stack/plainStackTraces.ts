/**
 * Turns off the mapping of stack traces that the Pulumi SDK turns on. Types are stripped in place here, so lines
 * and columns are right without it; and with the paths that the SDK's own source maps give, printing an error
 * takes Node up to a minute. Import it before anything that may throw.
 */
Reflect.deleteProperty(Error, "prepareStackTrace");
