/** A text that the journal can hold: no control characters but those of lines, no halves of surrogate pairs. */
export const WRITABLE_TEXT = /^(?:[^\p{Cc}\p{Cs}]|[\n\t])*$/u
