/** Matches texts that the journal can hold: no control characters except newline and tab, no halves of surrogate pairs. */
export const WRITABLE_TEXT = /^(?:[^\p{Cc}\p{Cs}]|[\n\t])*$/u

/** Matches texts without invisible characters that turn the direction of what follows them (Unicode UAX #9, explicit formatting). */
export const UNTURNED_TEXT = /^[^\u202A-\u202E\u2066-\u2069]*$/u
