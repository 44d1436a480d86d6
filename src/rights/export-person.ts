import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { requireRight } from '../accounts/deeds.js'
import { CONFIRM_MS, type DepsWith, identitiesIn, proofSettings } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import type { Purpose } from '../core/policy.js'
import { holdKinds } from '../journal/read/holds.js'
import { writeOutput } from '../lib/files/output-file.js'
import { meantNumber } from '../recordings/calls/check-number.js'
import { withParts } from '../recordings/open/find-parts.js'
import { streamWav } from '../recordings/open/stream-wav.js'
import { collectPerson, type PersonFound } from './collect-person.js'
import { type ArchiveEntry, encrypterFor, verifierEntries, writeArchive } from './export/archive.js'
import {
  type OpenDeps,
  type OpenedRecording,
  openRecordings,
  receiptEntries,
  type UnopenedRecording,
} from './export/open-recordings.js'
import { selectForCopy } from './export/select-for-copy.js'
import { type Copy, summary } from './export/summary.js'

export type ExportDeps = DepsWith<
  'db' | 'journal' | 'clock' | 'store' | 'keyStore',
  'identities' | 'log' | 'operator'
>

export interface ExportRequest {
  number: string
  /** Path of the ZIP file, or of the encrypted file that contains it. */
  file: string
  /** Age recipients, `age1…`. An empty list: the copy is not encrypted. */
  recipients: readonly string[]
  /** The purposes whose recordings are copied. An empty list: all recordings, which is the copy for the person. */
  purposes: readonly Purpose[]
  reason: string
}

/** The content of a copy. */
export interface ExportResult {
  file: string
  encrypted: boolean
  calls: number
  recordings: number
  receipts: number
  /** Recordings that are not in the copy, with the reason. */
  unopened: UnopenedRecording[]
}

/**
 * Makes a copy of everything that is stored about one person: recordings, consent receipts, who listened, and a page that
 * presents them. Each recording is first read to its end as a test. The copy is journalled before its first byte is written.
 *
 * @throws AppError `request.invalid` for an empty number; `not-found` if the number has no calls; `rights.blocked`; `rights.invalid`; `store.unwritable`; `journal.*`;
 *   the file is then not written
 */
export async function exportPerson(
  deps: ExportDeps,
  actor: Actor,
  request: ExportRequest,
): Promise<ExportResult> {
  requireRight(actor, 'person.export')
  const { name: by } = actor
  const { config, db, journal, clock, store, keyStore } = deps
  const { file, recipients, reason } = request
  const number = await meantNumber(db, request.number)
  encrypterFor(recipients)
  const found = await collectPerson({ ...deps, locate: object => store.locate(object) }, number)
  if (found.calls.length === 0)
    throw new AppError('not-found', 'No calls have this number. Write it as the PBX gives it.')
  await refuseBlocked(deps, found)
  const person = await selectForCopy(db, found, request.purposes)
  const opener = { db, store, keyStore, identities: identitiesIn(config) ?? [] }
  const { opened, unopened } = await openRecordings(opener, person.recordings)
  const at = new Date(clock.now())
  const ids = person.calls.map(({ id }) => id)
  const { entries, callsWithoutReceipt } = await receiptEntries(
    db,
    ids,
    { ...proofSettings(config), personal: true },
    at,
  )
  const encrypted = recipients.length > 0
  const counts = { calls: ids.length, recordings: opened.length }
  const events = [
    event('person.exported', null, at.getTime(), { by, ...counts, encrypted }, { number }),
    ...opened.map(({ recording: { id, call } }) =>
      event('recording.opened', call, at.getTime(), { recording: id, by, reason, how: 'export' }),
    ),
  ]
  const copy = { person, opened, unopened, callsWithoutReceipt, operator: config.operator, at }
  const proofs = [...entries, ...(entries.length > 0 ? verifierEntries(at) : [])]
  const content = [...pageEntries(copy), ...proofs, ...opened.map(one => audioEntry(opener, one))]
  await writeOutput(file, async output => {
    await journal.append(events, CONFIRM_MS)
    await writeArchive(output, content, recipients)
  })
  return { file, encrypted, ...counts, receipts: ids.length - callsWithoutReceipt.length, unopened }
}

async function refuseBlocked({ db }: ExportDeps, { recordings, holds }: PersonFound): Promise<void> {
  const kept = await holdKinds(
    db,
    recordings.map(({ id }) => id),
  )
  if (![...kept.values()].includes('block') && !holds.some(({ kind }) => kind === 'block')) return
  throw new AppError(
    'rights.blocked',
    'Recordings of this number are blocked, so no copy is made. See consentry rights unblock.',
  )
}

/** Makes the two documents of the copy. They contain neither the paths of stored files nor the holds of others. */
function pageEntries(copy: Copy): ArchiveEntry[] {
  const { number, calls, listens, requests } = copy.person
  const names = new Map(copy.opened.map(({ recording, name }) => [recording.id, name]))
  const callsWithFiles = calls.map(call => ({
    ...call,
    recordings: call.recordings.map(({ files: _, ...recording }) => ({
      ...recording,
      file: names.get(recording.id) ?? null,
    })),
  }))
  const person = {
    number,
    madeAt: copy.at.toISOString(),
    calls: callsWithFiles,
    listens,
    requests,
    missing: copy.unopened,
  }
  return [
    { name: 'summary.html', at: copy.at, content: summary(copy) },
    { name: 'person.json', at: copy.at, content: `${JSON.stringify(person, null, 2)}\n` },
  ]
}

const audioEntry = (
  { identities, ...stores }: OpenDeps,
  { recording, name, bytes, frames }: OpenedRecording,
): ArchiveEntry => ({
  name,
  at: new Date(recording.startedAt),
  bytes,
  write: to =>
    withParts(stores, recording.id, parts =>
      pipeline(Readable.from(streamWav(parts, identities, frames)), to),
    ),
})
