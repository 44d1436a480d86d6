import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../core/errors.js'
import type { Secret } from '../../core/secret.js'
import { makeDurableFolder } from '../../lib/files/durable.js'
import { makeSecretFile } from '../../lib/files/secret-file.js'
import { generateIdentity, identitiesOf } from '../../vault/crypto/keygen.js'
import { cryptoReady } from '../../vault/crypto/ready.js'
import { secretOfWords, unknownWord, WORD_COUNT } from '../../vault/crypto/recovery-words.js'

/** The form of a purpose. It becomes the name of a folder. */
const PURPOSE = /^[a-z][a-z0-9-]{0,31}$/

/** True if a word can be a purpose. */
export const isPurpose = (word: string): boolean => PURPOSE.test(word)

/** @throws AppError `request.invalid` for a word that cannot be a purpose */
export function requirePurposes(purposes: readonly string[]): void {
  const odd = purposes.find(purpose => !isPurpose(purpose))
  if (odd !== undefined)
    throw new AppError(
      'request.invalid',
      `"${odd}" is no purpose: lower-case letters, digits and hyphens are allowed`,
    )
}

/** Key pairs that were made. */
export interface MadeKeys {
  /** Path of the public halves. */
  recipients: string
  /** Path of the secret halves. */
  identity: string
  keys: ReturnType<typeof generateIdentity>['recipient'][]
}

/**
 * Makes a key pair for each purpose, before there is a database or a journal. Existing files are never overwritten, because a lost
 * identity makes every recording under it unreadable.
 *
 * @param dir absolute path of the folder
 * @throws AppError `request.invalid` for a word that cannot be a purpose; `store.unwritable`, also for files that exist
 */
export async function makeKeys(purposes: readonly string[], dir: string): Promise<MadeKeys> {
  requirePurposes(purposes)
  await cryptoReady
  const pairs = purposes.map(generateIdentity)
  await makeDurableFolder(dir).catch(cannotWrite(dir))
  const recipients = join(dir, 'recipients.json')
  const identity = join(dir, 'identity.json')
  const keys = pairs.map(pair => pair.recipient)
  await saveKeys(
    identity,
    pairs.map(pair => pair.identity),
    0o600,
  )
  await saveKeys(recipients, keys, 0o644).catch(async error => {
    // Half a pair is useless, and would block the next attempt.
    await rm(identity)
    throw error
  })
  return { recipients, identity, keys }
}

/** Writes a new file of keys. @throws AppError `store.unwritable`, also for a file that exists */
export async function saveKeys(path: string, content: unknown, mode: number): Promise<void> {
  await makeSecretFile(path, `${JSON.stringify(content, null, 2)}\n`, mode).catch(cannotWrite(path))
}

/** Makes the error of a path that cannot be written. */
export const cannotWrite =
  (path: string) =>
  ({ code }: NodeJS.ErrnoException): never => {
    const why =
      code === 'EEXIST'
        ? 'exists already and is not overwritten; choose another --dir'
        : `cannot be written: ${code}`
    throw new AppError('store.unwritable', `${path} ${why}`)
  }

/** An identity that was written from the words of a recovery sheet. */
interface RestoredIdentity {
  /** Path of the secret halves. */
  identity: string
  /** Ids of the key pairs, one for each purpose. */
  keys: string[]
}

/**
 * Writes the identity file of a recovery sheet. An existing file is never overwritten.
 *
 * @param request.words the 24 words, as typed
 * @param request.dir absolute path of the folder
 * @throws AppError `request.invalid` for a name that cannot be a purpose, and for words that do not form a sheet;
 *   `store.unwritable`
 */
export async function restoreKeys(
  purposes: readonly string[],
  { words, dir }: { words: Secret; dir: string },
): Promise<RestoredIdentity> {
  requirePurposes(purposes)
  await cryptoReady
  const secret = secretOfWords(words.reveal())
  if (!secret) throw new AppError('request.invalid', whyNoSheet(words.reveal()))
  const identities = identitiesOf(purposes, secret)
  secret.fill(0)
  await makeDurableFolder(dir).catch(cannotWrite(dir))
  const identity = join(dir, 'identity.json')
  await saveKeys(identity, identities, 0o600)
  return { identity, keys: identities.map(({ keyId }) => keyId) }
}

/**
 * Explains why the words are refused. The message names a wrong word only by its place, because the words are a secret.
 */
function whyNoSheet(typed: string): string {
  const count = typed.match(/[a-z]+/gi)?.length ?? 0
  if (count !== WORD_COUNT)
    return `A recovery sheet has ${WORD_COUNT} words, and these are ${count}: type all of them, in their order.`
  const unknown = unknownWord(typed)
  if (unknown === undefined) return 'A word is wrong, or two are exchanged: compare them with the sheet.'
  const place =
    typed
      .toLowerCase()
      .match(/[a-z]+/g)!
      .indexOf(unknown) + 1
  return `Word ${place} is on no recovery sheet: compare it with the sheet.`
}
