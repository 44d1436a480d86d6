// Constants of libsodium's `crypto_secretstream_xchacha20poly1305`. Lengths are in bytes.

export const STREAM_HEADER_BYTES = 24
export const MAC_BYTES = 16
/** Bytes that encryption adds to a message: an encrypted tag of 1 byte and the MAC. */
export const STREAM_OVERHEAD = 17
export const TAG_MESSAGE = 0
export const TAG_FINAL = 3
/** Size of `crypto_secretstream_xchacha20poly1305_state`. */
export const STATE_BYTES = 52

/** Every plaintext is padded to a multiple of this many bytes, because `SealStream` encrypts no other lengths. */
export const PLAINTEXT_STEP = 8
