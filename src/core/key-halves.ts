/** Messages for a key file given in place of the other one. */
export const SWAPPED_FILE_MESSAGES = {
  identity:
    'this is identity.json, whose secret keys open recordings and must not be on the recording host: remove it from this host, and give recipients.json',
  recipients: 'this is recipients.json, which opens nothing: give identity.json',
} as const

/** Whether an entry of a key file's JSON has a secret half, even if the rest is malformed. */
export const hasSecretHalf = (entries: unknown): boolean =>
  Array.isArray(entries) &&
  entries.some(entry => typeof entry === 'object' && entry !== null && 'secretKey' in entry)

/** Whether all entries are public halves, and there is at least one. */
export const isPublicOnly = (entries: unknown): boolean =>
  Array.isArray(entries) &&
  entries.length > 0 &&
  entries.every(entry => typeof entry === 'object' && entry !== null && 'publicKey' in entry) &&
  !hasSecretHalf(entries)
