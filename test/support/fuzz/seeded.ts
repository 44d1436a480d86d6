/**
 * What is drawn at random is the same in every run, so that a failure is one of the code. `CONSENTRY_TEST_SEED` draws
 * other things, or repeats what a failure names; the long form draws anew each time.
 */
const { CONSENTRY_TEST_SEED: given, CONSENTRY_TEST_LONG: long } = process.env
export const seed = given ? Number(given) : long ? Date.now() % 2 ** 31 : 20_261_124

/** Parameters of fast-check: so many runs, and so many in the long form. */
export const fuzzRuns = (short: number, inLong: number) => ({ seed, numRuns: long ? inLong : short })
