import { CONFIRM_MS, type Deps, type DepsWith } from '../accounts/deps.js'
import { requireProvenRight } from '../accounts/proof.js'
import type { Config } from '../config/config.js'
import { readOwnRecipients, recipientsInForce } from '../config/own-recipients.js'
import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import { text } from '../core/message.js'
import { type LinePolicy, recordedPurposes } from '../core/policy.js'
import type { Db } from '../db/database.js'
import { replaceSecretFile } from '../lib/files/secret-file.js'
import { listLines } from '../lines/line-rows.js'
import { isPurpose } from '../recordings/keys/make-keys.js'
import { askService } from '../socket/ask-service.js'
import type { AddRecipientsRequest } from '../socket/protocol.js'
import { recipientJson } from '../vault/crypto/key-json.js'
import { canSealFor } from '../vault/crypto/keygen.js'
import type { Recipient } from '../vault/crypto/types.js'

/** Mode of the file of recipients. It is public to read, and only the service may change it. */
const FILE_MODE = 0o644
/** Bytes of an X25519 key. */
const KEY_BYTES = 32
/** The purpose of a line that the console begins. */
const FIRST_PURPOSE = 'service'

/** The keys that open the recordings of a purpose. */
export interface PurposeKeys {
  purpose: string
  /** Ids of the key pairs that open it. Empty: recordings for the purpose are impossible. */
  keys: string[]
}

/** The purposes of an installation, and whether the console may add keys. */
export interface Hearing {
  /** Purposes of the lines in force and of keys; without any, the first purpose of a new line. */
  purposes: PurposeKeys[]
  /** False: the file of `CONSENTRY_RECIPIENTS` has the recipients, and the service takes no others. */
  takesKeys: boolean
}

/** The settings of recipients. */
export type RecipientConfig = Pick<Config, 'recipients' | 'recipientsFile'>

/** Reads the keys of all purposes. @throws AppError `config.invalid` */
export const readHearing = async ({ db, config }: { db: Db; config: RecipientConfig }): Promise<Hearing> =>
  hearingOf(await listLines(db), config)

/** Finds the keys of all purposes. @param lines those in force @throws AppError `config.invalid` */
export function hearingOf(
  lines: readonly Pick<LinePolicy, 'mode' | 'purposes' | 'voice'>[],
  config: RecipientConfig,
): Hearing {
  const recipients = recipientsInForce(config)
  const known = [
    ...new Set([...lines.flatMap(recordedPurposes), ...recipients.map(({ purpose }) => purpose)]),
  ]
  const purposes = known.length > 0 ? known.sort() : [FIRST_PURPOSE]
  return {
    purposes: purposes.map(purpose => ({
      purpose,
      keys: recipients.filter(one => one.purpose === purpose).map(({ keyId }) => keyId),
    })),
    takesKeys: config.recipientsFile !== undefined,
  }
}

/** The public half of a key pair. */
export interface GivenKey {
  /** The purposes whose recordings it opens. */
  purposes: readonly string[]
  /** X25519, base64. */
  publicKey: string
}

/**
 * Has the service take the public half of the first key pair of purposes. The service seals for it at once, without a
 * restart.
 *
 * @returns ids of the new recipients, one for each purpose
 * @throws AppError `person.required` for a program; `proof.required`; `request.invalid`; `request.conflict` if a purpose has a key;
 *   `service.unavailable`; `journal.*`; `store.unwritable`
 */
export async function giveKey(
  { db, clock, config }: DepsWith<'db' | 'clock', 'data'>,
  actor: Actor,
  { purposes, publicKey }: GivenKey,
): Promise<{ keys: string[] }> {
  await requireProvenRight({ db, clock }, actor, 'recipient.add')
  const { name: by, way } = actor
  return askService(config.data, {
    ...{ do: 'add-recipients' as const, purposes: [...new Set(purposes)], publicKey },
    ...{ by, way },
  })
}

/**
 * Lets a key in force open further purposes.
 *
 * @param request.key its id
 * @throws AppError `not-found`; as `giveKey`
 */
export async function extendKey(
  { db, clock, config }: Pick<Deps, 'db' | 'clock'> & { config: RecipientConfig & Pick<Config, 'data'> },
  actor: Actor,
  { key, purposes }: { key: string; purposes: readonly string[] },
): Promise<{ keys: string[] }> {
  await requireProvenRight({ db, clock }, actor, 'recipient.add')
  const known = recipientsInForce(config).find(({ keyId }) => keyId === key)
  if (!known) throw new AppError('not-found', text`There is no key ${key} any more: reload the page.`)
  const publicKey = Buffer.from(known.publicKey).toString('base64')
  return giveKey({ db, clock, config }, actor, { purposes, publicKey })
}

/** The parts that a service needs to accept recipients. */
export interface TakingDeps extends Pick<Deps, 'journal' | 'clock'> {
  config: Pick<Config, 'recipientsFile' | 'node'>
  /** The recipients for which the service seals. New ones are appended to it. */
  recipients: Recipient[]
}

/**
 * Accepts recipients while the service runs: the first one of the installation, or that one for further purposes. So
 * the console cannot add a reader beside the present ones, not even for a new purpose.
 *
 * @returns the handler of requests, which handles one at a time
 */
export function recipientTaker(
  deps: TakingDeps,
): (request: AddRecipientsRequest) => Promise<{ keys: string[] }> {
  let last: Promise<unknown> = Promise.resolve()
  return request => {
    const taken = last.then(() => take(deps, request))
    last = taken.catch(() => undefined)
    return taken
  }
}

async function take(
  { config, journal, clock, recipients }: TakingDeps,
  { purposes, publicKey, by, way }: AddRecipientsRequest,
): Promise<{ keys: string[] }> {
  const { recipientsFile: file, node } = config
  if (!file)
    throw new AppError(
      'request.invalid',
      'CONSENTRY_RECIPIENTS says who can hear: add the public half to the file that it names, and restart the service.',
    )
  const bytes = new Uint8Array(Buffer.from(publicKey, 'base64'))
  if (bytes.length !== KEY_BYTES || !canSealFor(bytes))
    throw new AppError('request.invalid', 'This is no public key of X25519 in base64: make the key again.')
  const odd = purposes.find(purpose => !isPurpose(purpose))
  if (purposes.length === 0 || odd !== undefined)
    throw new AppError('request.invalid', 'Say for which purposes the key is, such as service.')
  // A rotation may have replaced the file since the service started.
  const kept = readOwnRecipients(file)
  refuseFurtherReader([...kept, ...recipients], purposes, bytes)
  const added = purposes.map(purpose => recipientJson(purpose, bytes))
  const keys = added.map(({ keyId }) => keyId)
  // Journal first: nothing may be sealed for a recipient that is not in the journal.
  await journal.append([event('recipients.added', null, clock.now(), { node, keys, by, way })], CONFIRM_MS)
  const all = [...kept.map(one => recipientJson(one.purpose, one.publicKey, one.keyId)), ...added]
  await replaceSecretFile(file, `${JSON.stringify(all, null, 2)}\n`, {
    ...{ uid: process.getuid!(), gid: process.getgid!(), mode: FILE_MODE },
  }).catch(({ code }: NodeJS.ErrnoException) => {
    throw new AppError('store.unwritable', `${file} cannot be written: ${code}`)
  })
  recipients.push(...added.map(({ purpose, keyId }) => ({ purpose, keyId, publicKey: bytes })))
  return { keys }
}

/**
 * Refuses a second reader.
 * @throws AppError `request.conflict` if a purpose has a recipient, or another key is in force
 */
function refuseFurtherReader(
  known: readonly Recipient[],
  purposes: readonly string[],
  key: Uint8Array,
): void {
  const taken = known.find(({ purpose }) => purposes.includes(purpose))
  if (taken)
    throw new AppError(
      'request.conflict',
      text`Purpose ${taken.purpose} has a key already, ${taken.keyId}. consentry keygen --rotate replaces it.`,
    )
  if (known.length > 0 && !known.some(({ publicKey }) => Buffer.from(publicKey).equals(key)))
    throw new AppError(
      'request.conflict',
      'There is a key already, and the console brings no other one: let that one open the purpose too, or add another one on the host of the service, with consentry keygen.',
    )
}
