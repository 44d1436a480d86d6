import type { KeyObject } from 'node:crypto'
import { type Hash, toBytes, toHash } from '../tree/hash.js'
import {
  ED25519,
  parseNote,
  parseVerifier,
  signatureLine,
  signBytes,
  type Verifier,
  verifierKey,
  verifies,
} from './note.js'

/** First line of every statement. The second line of a checkpoint is a number, so a statement is never one. */
const HEADER = 'consentry log key rotation v1'

/** The content of a statement: checkpoints of more than `size` leaves are signed by `to`, all others by `from`. */
export interface RotationTerms {
  /** Both verifier keys have the origin as their name. */
  from: Verifier
  to: Verifier
  /** Size and root of the last checkpoint that `from` signed. */
  size: number
  root: Hash
}

/** A statement that both keys have signed. */
export interface Rotation extends RotationTerms {
  /** The signed note (C2SP signed-note), in its only spelling. */
  note: string
}

/** The verifier key of a log as its string. */
export const keyText = ({ name, key }: Verifier): string => verifierKey(name, key)

const textOf = ({ from, to, size, root }: RotationTerms): string =>
  [
    HEADER,
    from.name,
    size,
    toBytes(root).toString('base64'),
    `from ${keyText(from)}`,
    `to ${keyText(to)}`,
    '',
  ].join('\n')

/**
 * Signs a statement by both keys.
 *
 * @param secrets of `from` and of `to`
 * @returns the signed note
 */
export function signRotation(terms: RotationTerms, secrets: { from: KeyObject; to: KeyObject }): string {
  const text = textOf(terms)
  const line = (which: 'from' | 'to') => signatureLine(terms[which], signBytes(secrets[which], text))
  return `${text}\n${line('from')}${line('to')}`
}

const TEXT = /^[^\n]+\n[^\n]+\n([1-9]\d*)\n([A-Za-z0-9+/]{43}=)\nfrom ([^\n]+)\nto ([^\n]+)\n$/

/** Parses a statement and verifies both signatures. Undefined for any other text. */
export function parseRotation(note: string): Rotation | undefined {
  const parsed = parseNote(note)
  const [, size, root, ...keys] = TEXT.exec(parsed?.text ?? '') ?? []
  const [from, to] = keys.map(key => parseVerifier(key!))
  if (!parsed || !from || !to || from.type !== ED25519 || to.type !== ED25519) return undefined
  if (from.name !== to.name || from.id === to.id || !Number.isSafeInteger(Number(size))) return undefined
  const terms = { from, to, size: Number(size), root: toHash(Buffer.from(root!, 'base64')) }
  const signers = parsed.signatures.map(({ name, id }) => `${name} ${id}`)
  const inOrder = signers.join() === [from, to].map(({ name, id }) => `${name} ${id}`).join()
  const written = `${textOf(terms)}\n${parsed.signatures.map(({ line }) => `${line}\n`).join('')}`
  return inOrder && written === note && verifies(parsed, from) && verifies(parsed, to)
    ? { ...terms, note }
    : undefined
}

const STATEMENTS = new RegExp(`(?<![^\\n])${HEADER}\\n(?:[^\\n]+\\n){5}\\n(?:— [^\\n]+\\n){2}`, 'gu')

/** All statements in a text, such as a file with a key and the statements after it. They are unverified. */
export const statementsIn = (text: string): string[] => text.match(STATEMENTS) ?? []
