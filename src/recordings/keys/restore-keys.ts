import { join } from 'node:path'
import { AppError } from '../../core/errors.js'
import type { Secret } from '../../core/secret.js'
import { makeDurableFolder } from '../../lib/files/durable.js'
import { identitiesOf } from '../../vault/crypto/keygen.js'
import { cryptoReady } from '../../vault/crypto/ready.js'
import { secretOfWords, unknownWord, WORD_COUNT } from '../../vault/crypto/recovery-words.js'
import { cannotWrite, requirePurposes, saveKeys } from './make-keys.js'

/** An identity that was written from the words of a recovery sheet. */
export interface RestoredIdentity {
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
