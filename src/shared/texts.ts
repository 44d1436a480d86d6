/** Matches texts that the journal can hold: no control characters except newline and tab, no halves of surrogate pairs. */
export const WRITABLE_TEXT = /^(?:[^\p{Cc}\p{Cs}]|[\n\t])*$/u
