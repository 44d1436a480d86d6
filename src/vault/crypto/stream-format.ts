/** What `crypto_secretstream_xchacha20poly1305` prescribes; lengths in bytes. */
export const STREAM_HEADER_BYTES = 24
export const MAC_BYTES = 16
/** By how much a ciphertext is longer than its message: encrypted tag and MAC. */
export const STREAM_OVERHEAD = 17
export const TAG_MESSAGE = 0
export const TAG_FINAL = 3
/** `crypto_secretstream_xchacha20poly1305_state`. */
export const STATE_BYTES = 52
