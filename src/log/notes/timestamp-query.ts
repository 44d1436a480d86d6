import { hash, randomBytes } from 'node:crypto'

/*
 * The two messages of the Time-Stamp Protocol (RFC 3161), in DER (ITU-T X.690). The client reads only what it needs to
 * accept an answer. Verifiers check the signature with `openssl ts -verify`, under a certificate that they trust.
 */

/** Bytes of a nonce. */
const NONCE_BYTES = 8

/** `id-sha256`, with the NULL of its parameters. */
const SHA256 = Buffer.from('300d06096086480165030402010500', 'hex')
/** `id-ct-TSTInfo`. */
const TST_INFO = Buffer.from('060b2a864886f70d0109100104', 'hex')

const der = (tag: number, ...contents: Uint8Array[]): Buffer => {
  const body = Buffer.concat(contents)
  // No message here is longer than 127 bytes, so its length is one byte.
  return Buffer.concat([Buffer.of(tag, body.length), body])
}

/** A request to time-stamp bytes, with the values that an answer must contain. */
export interface TimestampQuery {
  /** A `TimeStampReq`, for `application/timestamp-query`. */
  request: Buffer
  /** The `MessageImprint`, and the nonce as an INTEGER. */
  imprint: Buffer
  nonce: Buffer
}

/** Asks for a time stamp of the SHA-256 of these bytes, with the certificate of the signer and a fresh nonce. */
export function timestampQuery(content: Uint8Array | string): TimestampQuery {
  const digest = hash('sha256', Buffer.from(content), 'buffer')
  const imprint = der(0x30, SHA256, der(0x04, digest))
  const number = randomBytes(NONCE_BYTES)
  // A DER INTEGER is the shortest one, and positive: its first byte is from 0x40 to 0x7f.
  number[0] = (number[0]! & 0x3f) | 0x40
  const nonce = der(0x02, number)
  return {
    request: der(0x30, der(0x02, Buffer.of(1)), imprint, nonce, der(0x01, Buffer.of(0xff))),
    imprint,
    nonce,
  }
}

/** Statuses of a `PKIStatusInfo` that come with a token: `granted` and `grantedWithMods`. */
const GRANTED = [0, 1]

/**
 * Finds why an answer is not a time stamp for the query. The signature is not verified.
 *
 * @param answer a `TimeStampResp`
 * @returns a message; undefined if it is a time stamp
 */
export function faultOfAnswer(answer: Uint8Array, { imprint, nonce }: TimestampQuery): string | undefined {
  const bytes = Buffer.from(answer)
  const outer = elementAt(bytes, 0)
  const info = outer?.tag === 0x30 ? elementAt(bytes, outer.from) : undefined
  const status = info?.tag === 0x30 ? elementAt(bytes, info.from) : undefined
  if (outer?.to !== bytes.length || status?.tag !== 0x02 || status.to - status.from !== 1)
    return 'it is no answer of the Time-Stamp Protocol'
  const code = bytes[status.from]!
  if (!GRANTED.includes(code)) return `the server refused with status ${code}`
  const at = bytes.indexOf(TST_INFO, info!.to)
  if (at < 0) return 'it has no token'
  if (bytes.indexOf(imprint, at) < 0) return 'it is for something else'
  return bytes.indexOf(nonce, at) < 0 ? 'it answers another request' : undefined
}

/** The element at an offset: its tag, and where its contents begin and end. Undefined if it exceeds the bytes. */
function elementAt(bytes: Buffer, at: number): { tag: number; from: number; to: number } | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]]
  if (tag === undefined || first === undefined) return undefined
  const more = first < 0x80 ? 0 : first & 0x7f
  if (more > 4 || at + 2 + more > bytes.length || first === 0x80) return undefined
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
  const from = at + 2 + more
  return from + length <= bytes.length ? { tag, from, to: from + length } : undefined
}
