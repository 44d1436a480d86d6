import { z } from 'zod'

/** A text in the only accepted encoding of its bytes. `bytes` says whether their number is right. */
export const canonicalText = (encoding: 'base64' | 'hex' | 'utf8', bytes: (length: number) => boolean) =>
  z.string().refine(text => {
    const decoded = Buffer.from(text, encoding)
    return bytes(decoded.length) && decoded.toString(encoding) === text
  }, `is not canonical ${encoding}, or has the wrong length`)

/** The witnesses' verifier keys, at most 16. */
export const witnessesShape = z.array(z.string()).max(16)
