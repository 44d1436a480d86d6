/** For whoever was given the one key file in place of the other. */
export const SWAPPED_FILE_MESSAGES = {
  identity:
    'this is identity.json, whose secret keys open recordings and must not be on the recording host: take it off, and give recipients.json',
  recipients: 'this is recipients.json, which opens nothing: give identity.json',
} as const

/** Whether any entry of a key file's JSON has a secret half, whatever else may be wrong with it. */
export const hasSecretHalf = (entries: unknown): boolean =>
  Array.isArray(entries) &&
  entries.some(entry => typeof entry === 'object' && entry !== null && 'secretKey' in entry)

/** Whether these are public halves and nothing else. */
export const isPublicOnly = (entries: unknown): boolean =>
  Array.isArray(entries) &&
  entries.length > 0 &&
  entries.every(entry => typeof entry === 'object' && entry !== null && 'publicKey' in entry) &&
  !hasSecretHalf(entries)
