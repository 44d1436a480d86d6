import fc from 'fast-check'

/** Steps into which a position divides a length. */
const STEPS = 2 ** 31

/**
 * A position within a document, as a share of its length: from 0, less than 1. One of ten is at an end; the others are spread evenly.
 * `fc.double` draws from all floating-point numbers, nearly all of which are next to 0.
 */
export const position: fc.Arbitrary<number> = fc.oneof(
  { weight: 9, arbitrary: fc.noBias(fc.nat(STEPS - 1)).map(step => step / STEPS) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1 - 1 / STEPS) },
)
