const { CONSENTRY_TEST_SEED: given, CONSENTRY_TEST_LONG: long } = process.env

/**
 * Seed of all random values. It is the same in every run, so that a new failure comes from the code. `CONSENTRY_TEST_SEED` replaces it, to
 * draw others.
 */
export const seed = given ? Number(given) : 20_261_124

/** Whether `npm run test:long` runs this test, in its long form. Such a file has a line `// Long: …` at its head. */
export const isLong = Boolean(long)

/** Parameters of fast-check. @param inLong number of runs in the long form */
export const fuzzRuns = (short: number, inLong: number) => ({ seed, numRuns: isLong ? inLong : short })
