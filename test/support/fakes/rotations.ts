// Real: statements and their signatures. Fake: none; also those that a thief of one key would write.
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  parseNote,
  parseVerifier,
  signatureLine,
  signBytes,
  type Verifier,
  verifierKey,
} from '../../../src/log/notes/note.js'
import { keyText, type RotationTerms, signRotation } from '../../../src/log/notes/rotation.js'

/** A key of a log, with its secret. */
export interface LogSigner {
  secret: KeyObject
  verifier: Verifier
  key: string
}

export function logSigner(name: string, secret = generateKeyPairSync('ed25519').privateKey): LogSigner {
  const key = verifierKey(name, createPublicKey(secret))
  return { secret, verifier: parseVerifier(key)!, key }
}

/** The statement by which one key hands over to another. */
export const handOver = (
  from: LogSigner,
  to: LogSigner,
  { size, root }: Pick<RotationTerms, 'size' | 'root'>,
): string =>
  signRotation({ from: from.verifier, to: to.verifier, size, root }, { from: from.secret, to: to.secret })

/** What somebody who has one of both keys, or none, may write in place of a statement, by what was done. */
export function forgedStatements(
  note: string,
  from: LogSigner,
  to: LogSigner,
  thief: LogSigner,
): Record<string, string> {
  const { text, signatures } = parseNote(note)!
  const [first, second] = signatures.map(({ line }) => `${line}\n`) as [string, string]
  const [a, b] = [keyText(from.verifier), keyText(to.verifier)]
  /** Signed by secrets in the name of these keys, which need not be their own. */
  const signed = (changed: string, ...lines: [of: LogSigner, by: LogSigner][]) =>
    `${changed}\n${lines.map(([of, by]) => signatureLine(of.verifier, signBytes(by.secret, changed))).join('')}`
  const size = /\n(\d+)\n/.exec(text)![1]!
  const root = text.split('\n')[3]!
  const moved = text.replace(`\n${size}\n`, `\n${Number(size) + 1}\n`)
  return {
    'the signature of the former key is cut off': `${text}\n${second}`,
    'the signature of the new key is cut off': `${text}\n${first}`,
    'the signatures change places': `${text}\n${second}${first}`,
    'a signature is there twice': `${text}\n${first}${first}`,
    'the keys change places': signed(
      text.replace(a, '\0').replace(b, a).replace('\0', b),
      [from, from],
      [to, to],
    ),
    'the size is moved': note.replace(text, moved),
    'the size is moved, and the former key signs it': signed(moved, [from, from], [to, from]),
    'the new key is a third one, which signs for both': signed(
      text.replace(b, thief.key),
      [from, thief],
      [thief, thief],
    ),
    'the former key is a third one, which signs for both': signed(
      text.replace(a, thief.key),
      [thief, thief],
      [to, thief],
    ),
    'the root is another one': note.replace(root, root.toLowerCase()),
    'a line follows the keys': note.replace(text, `${text}more\n`),
    'it says nothing': '',
  }
}
