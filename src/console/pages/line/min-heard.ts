import type { LinePolicy } from '../../../core/policy.js'
import type { Words } from '../words/words.js'

/**
 * The least part of the disclosure that must be heard, as people type it: seconds, or the word for all.
 * @param value of a line; undefined for 0
 */
export const heardTyped = (value: unknown, { edit }: Words): string | number =>
  value === 'all' ? edit.allHeard : typeof value === 'string' ? value : Number(value ?? 0) / 1_000

/** The same in a sentence. */
export const minHeardText = ({ minHeardMs = 0 }: LinePolicy, { line, ...words }: Words): string =>
  minHeardMs === 'all'
    ? line.minHeard.all
    : minHeardMs === 0
      ? line.minHeard.begun
      : words.seconds0(minHeardMs)
