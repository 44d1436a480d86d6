/**
 * Seed of all random values. It is the same in every run, so that a new failure comes from the code. `CONSENTRY_TEST_SEED`
 * replaces it, to repeat a failure. With `CONSENTRY_TEST_LONG` each run has a new seed.
 */
const { CONSENTRY_TEST_SEED: given, CONSENTRY_TEST_LONG: long } = process.env
export const seed = given ? Number(given) : long ? Date.now() % 2 ** 31 : 20_261_124

/** Parameters of fast-check. @param inLong number of runs with `CONSENTRY_TEST_LONG` */
export const fuzzRuns = (short: number, inLong: number) => ({ seed, numRuns: long ? inLong : short })
