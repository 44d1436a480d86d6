import type { Words } from '../words/words.js'

/** Copies the text of the element with this id. A script shows it. */
export const CopyButton = ({ of, words: { copy, copied } }: { of: string; words: Words }) => (
  <button class="button no-print" type="button" data-copy={of} data-copied={copied} aria-live="polite" hidden>
    {copy}
  </button>
)
