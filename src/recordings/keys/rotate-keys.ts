import { requireRight } from '../../accounts/deeds.js'
import { CONFIRM_MS, type Deps, type JournalledDeps } from '../../accounts/deps.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import { event } from '../../core/events.js'
import type { PartId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import { type SessionLock, withSessionLock } from '../../db/session-lock.js'
import { parseIdentities, parseRecipients } from '../../vault/crypto/keygen.js'
import { cryptoReady } from '../../vault/crypto/ready.js'
import {
  beginRotation,
  type KeyPairFiles,
  readKeyPairs,
  removeRetired,
} from '../../vault/rotation/key-pairs.js'
import { type ResealReport, resealKeys } from '../../vault/rotation/reseal-keys.js'

export type { KeyPairFiles } from '../../vault/rotation/key-pairs.js'

export type RotationDeps = JournalledDeps & Pick<Deps, 'keyStore'>

export interface RotationRequest {
  files: KeyPairFiles
  /** Drop the old identities even if a service may still seal for them, or key files were not found. */
  dropOld: boolean
  /** Called with the number of keys that are done, and of all. */
  progress?: (done: number, of: number) => void
}

/** How far the rotation of one purpose has come. */
export interface Rotation extends ResealReport {
  purpose: string
  /** Ids of the old key pairs. After the rotation they open nothing. */
  from: string[]
  /** Id of the key pair that opens everything. */
  to: string
  /** Services that last started with an old key. They seal for it until their next start. */
  waiting: { node: string; since: string }[]
  /** True once the old identities are removed from the identity file. Until then, run the rotation again. */
  finished: boolean
}

/**
 * Rotates the keys of a purpose: draws a new key pair, makes it the recipient, seals every key file for it alone, then
 * drops the old identity. The old identity is kept if a service may still seal for it, if a key file could not be
 * resealed, or if a key file was not found: that file may be in a folder that was not named.
 *
 * A service may record meanwhile. Until its restart it seals for the old recipient; the next run reseals those keys.
 * The next run also continues a run that was killed. No purge runs at the same time.
 *
 * @throws AppError `key.missing`, `config.invalid`, `not-found`, `store.*`, `db.*`, `journal.*`
 */
export async function rotateKeys(
  deps: RotationDeps,
  actor: Actor,
  purpose: string,
  request: RotationRequest,
): Promise<Rotation> {
  requireRight(actor, 'key.rotate')
  // The purge holds the same lock, so that a rotation never replaces a key that the purge destroys.
  const lock: SessionLock = { name: 'purge', purpose: 'rotation' }
  return withSessionLock(deps.db, lock, lost => rotate(deps, actor, purpose, request, lost))
}

/**
 * Lists the purposes whose keys can be rotated.
 *
 * @param named limits the list to these; empty: all
 * @throws AppError `request.invalid` for a purpose without an identity; `key.missing`, `config.invalid`
 */
export async function purposesToRotate(files: KeyPairFiles, named: readonly string[]): Promise<string[]> {
  await cryptoReady
  const { identities } = await readKeyPairs(files)
  const known = [...new Set(identities.map(({ purpose }) => purpose))]
  const unknown = named.find(purpose => !known.includes(purpose))
  if (unknown !== undefined)
    throw new AppError('request.invalid', `${files.identity} has no identity of purpose "${unknown}"`)
  return named.length > 0 ? [...new Set(named)] : known
}

async function rotate(
  { db, journal, keyStore, clock }: RotationDeps,
  { name: by }: Actor,
  purpose: string,
  { files, dropOld, progress }: RotationRequest,
  lost: AbortSignal,
): Promise<Rotation> {
  const begun = await beginRotation(files, purpose, clock.now())
  const from = begun.retired.map(({ keyId }) => keyId)
  const to = begun.current.keyId
  // Services are read before keys. So every key that they made earlier is among the keys read.
  const waiting = await sealingFor(db, purpose, from)
  const resealed = await resealKeys({
    keyStore,
    purpose,
    recipients: parseRecipients(JSON.stringify(begun.recipients)).filter(own => own.purpose === purpose),
    identities: parseIdentities(JSON.stringify(begun.identities)).filter(own => own.purpose === purpose),
    findDestroyed: parts => destroyedAmong(db, parts),
    partsNeedingKey: () => partsInNeed(db, purpose),
    progress,
    lost,
  })
  const complete = waiting.length === 0 && resealed.missing === 0
  const finished = resealed.failed.length === 0 && (complete || dropOld)
  const keys = resealed.resealed
  // Journal first. Without the old identity the next run would begin another rotation, and this one would be in no
  // journal.
  await journal.append(
    [event('keys.rotated', null, clock.now(), { purpose, from, to: [to], keys, by })],
    CONFIRM_MS,
  )
  lost.throwIfAborted()
  if (finished) await removeRetired(files, begun)
  return { purpose, from, to, waiting, finished, ...resealed }
}

/**
 * Finds services that may seal for one of these keys: their last start named one of them. A key added
 * after the start counts too, even if the event's node was erased with its author. Handwritten files may share one id
 * among purposes, so an id counts only if it was named for this purpose or for no purpose.
 */
async function sealingFor(db: Db, purpose: string, keyIds: readonly string[]): Promise<Rotation['waiting']> {
  const { rows } = await sql<{ name: string; at: Date }>`
    select s.name, s.at from node_start s
    where s.keys && ${keyIds}::text[] and exists (
      select from event e cross join jsonb_array_elements_text(e.data -> 'keys') with ordinality as key (id, place)
      where e.id >= s.event and e.type in ('service.started', 'recipients.added') and (e.id = s.event or e.type = 'recipients.added' and s.name = coalesce(
          (select p.data ->> 'node' from event_personal p where p.event = e.uuid), s.name))
        and key.id = any(${keyIds}::text[])
        and coalesce(e.data -> 'purposes' ->> (key.place - 1)::int, ${purpose}) = ${purpose})
    order by s.name`.execute(db)
  return rows.map(({ name, at }) => ({ node: name, since: at.toISOString() }))
}

async function destroyedAmong(db: Db, parts: readonly PartId[]): Promise<ReadonlySet<PartId>> {
  const rows = await db
    .selectFrom('part')
    .innerJoin('recording', 'recording.id', 'part.recording_id')
    .where('part.id', 'in', parts)
    .where('recording.state', 'in', ['destroying', 'destroyed'])
    .select('part.id')
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/**
 * Finds parts whose key must exist: those of kept recordings. A withdrawal destroys keys first, so its recordings do
 * not count.
 */
async function partsInNeed(db: Db, purpose: string): Promise<ReadonlySet<PartId>> {
  const { rows } = await sql<{ id: PartId }>`
    select p.id from part p
      join recording r on r.id = p.recording_id
      join answer a on a.call_id = r.call_id and a.purpose = r.answer_purpose
    where r.purpose = ${purpose} and r.state not in ('destroying', 'destroyed', 'empty', 'failed')
      and (r.revoked_at is null or r.revoked_at is distinct from a.withdrawn_at)`.execute(db)
  return new Set(rows.map(({ id }) => id))
}
