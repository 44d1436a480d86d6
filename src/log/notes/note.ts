import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'

/** Signature types of C2SP signed-note: a log's own signature, and a witness's cosignature with its time. */
export const ED25519 = 1
export const COSIGNATURE = 4

/** The public key of a signer: a C2SP verifier key. */
export interface Verifier {
  name: string
  /** Hex. */
  id: string
  type: number
  key: KeyObject
}

/** A parsed note: its text, which ends in a newline, and its unchecked signatures. */
export interface Note {
  text: string
  signatures: NoteSignature[]
}

export interface NoteSignature {
  name: string
  id: string
  bytes: Buffer
  /** The whole line without its newline. */
  line: string
}

const NAME = /^[^\s+\p{Z}]+$/u

/** The 32 bytes of an Ed25519 public key. */
const rawKey = (key: KeyObject): Buffer => Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url')

const publicKey = (raw: Buffer): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' })

const keyId = (name: string, material: Buffer): string =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), material]), 'hex').slice(0, 8)

/** The verifier key string `name+id+base64` (C2SP signed-note) of a public Ed25519 key. */
export function verifierKey(name: string, key: KeyObject, type = ED25519): string {
  const material = Buffer.concat([Buffer.of(type), rawKey(key)])
  return `${name}+${keyId(name, material)}+${material.toString('base64')}`
}

/** Parses a verifier key string of one of the two types above. Undefined for any other text. */
export function parseVerifier(text: string): Verifier | undefined {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim()) ?? []
  if (!name || !NAME.test(name) || !id || !encoded) return undefined
  const material = Buffer.from(encoded, 'base64')
  const type = material[0]
  if (material.length !== 33 || (type !== ED25519 && type !== COSIGNATURE)) return undefined
  return id === keyId(name, material) ? { name, id, type, key: publicKey(material.subarray(1)) } : undefined
}

/** Signs bytes with a private Ed25519 key. */
export const signBytes = (key: KeyObject, message: Uint8Array | string): Buffer =>
  sign(null, Buffer.from(message), key)

export const verifyBytes = (key: KeyObject, message: string, signature: Uint8Array): boolean =>
  verify(null, Buffer.from(message), key, signature)

/** A signature line, with its newline. */
export const signatureLine = ({ name, id }: { name: string; id: string }, signature: Uint8Array): string =>
  `— ${name} ${Buffer.concat([Buffer.from(id, 'hex'), signature]).toString('base64')}\n`

const LINE = /^— (\S+) ([A-Za-z0-9+/]+=*)$/

/** Parses a note. Undefined for any other text. Its content is untrusted until `verifies` succeeds. */
export function parseNote(note: string): Note | undefined {
  const at = note.lastIndexOf('\n\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: C2SP signed-note forbids them
  if (at < 0 || !note.endsWith('\n') || /[\x00-\x09\x0b-\x1f]/.test(note)) return undefined
  const signatures = note
    .slice(at + 2, -1)
    .split('\n')
    .map(parseSignature)
  return signatures.every(signature => signature !== undefined)
    ? { text: note.slice(0, at + 1), signatures }
    : undefined
}

/** Parses a signature line without its newline. Undefined for any other line. */
export function parseSignature(line: string): NoteSignature | undefined {
  const [, name, encoded] = LINE.exec(line) ?? []
  const bytes = Buffer.from(encoded ?? '', 'base64')
  // Another spelling of the same bytes would make another file with the same signature.
  return name && bytes.length > 4 && bytes.toString('base64') === encoded
    ? { name, id: bytes.toString('hex', 0, 4), bytes: bytes.subarray(4), line }
    : undefined
}

/** True if the note has a signature of this verifier, and all signatures that claim to be its own are valid. */
export function verifies({ text, signatures }: Note, verifier: Verifier): boolean {
  const own = signatures.filter(({ name, id }) => name === verifier.name && id === verifier.id)
  return own.length > 0 && own.every(({ bytes }) => isValidSignature(text, bytes, verifier))
}

function isValidSignature(text: string, bytes: Buffer, { type, key }: Verifier): boolean {
  if (type === ED25519) return bytes.length === 64 && verifyBytes(key, text, bytes)
  if (bytes.length !== 72 || bytes.readBigUInt64BE() > MAX_SECONDS) return false
  return verifyBytes(key, cosignedMessage(text, bytes.readBigUInt64BE()), bytes.subarray(8))
}

/** Largest time of a JavaScript date, seconds since the epoch. A cosignature with a later time is invalid. */
const MAX_SECONDS = 8_640_000_000_000n

/** The message that a witness signs (C2SP tlog-cosignature, Ed25519): a header, the time, and the checkpoint's text. */
const cosignedMessage = (text: string, seconds: bigint): string => `cosignature/v1\ntime ${seconds}\n${text}`

/**
 * Cosigns a checkpoint's text as a witness.
 *
 * @returns the signature line with its newline
 * @param at ms since the epoch
 */
export function cosign(text: string, name: string, secret: KeyObject, at: number): string {
  const seconds = BigInt(Math.floor(at / 1000))
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(seconds)
  const { id } = parseVerifier(verifierKey(name, createPublicKey(secret), COSIGNATURE))!
  return signatureLine({ name, id }, Buffer.concat([time, signBytes(secret, cosignedMessage(text, seconds))]))
}
