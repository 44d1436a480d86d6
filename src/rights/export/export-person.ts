import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { writeOutput } from '../../files/output-file.js'
import { holdKinds } from '../../journal/read/holds.js'
import type { LocateObject } from '../../journal/read/timeline.js'
import { withParts } from '../../playback/find-parts.js'
import { wavBytes } from '../../playback/wav-stream.js'
import type { ReceiptOptions } from '../../receipt/make-receipt.js'
import { AppError } from '../../shared/errors.js'
import { event } from '../../shared/events.js'
import type { Purpose } from '../../shared/policy.js'
import { lookUp, type PersonFound } from '../find.js'
import { JOURNAL_MS, type RightsDeps } from '../rights-deps.js'
import { type Entry, encrypterFor, writeArchive } from './archive.js'
import { choose } from './choose.js'
import { type Openable, type OpenDeps, openable, type Unopened } from './openable.js'
import { proofs } from './proofs.js'
import { type Copy, summary } from './summary.js'

export type ExportDeps = RightsDeps &
  OpenDeps & { locate: LocateObject } & Pick<Copy, 'operator'> & {
    receipts: Omit<ReceiptOptions, 'personal'>
  }

export interface ExportWanted {
  number: string
  /** Path of the ZIP file, or of the age file around it. */
  file: string
  /** `age1…` to whom it is encrypted; none: not encrypted. */
  recipients: readonly string[]
  /** For these purposes only; none: everything, for the person. */
  purposes: readonly Purpose[]
  reason: string
  by: string
}

/** What went into a copy. */
export interface Exported {
  file: string
  encrypted: boolean
  calls: number
  recordings: number
  receipts: number
  /** What could not be put in, and why. */
  unopened: Unopened[]
}

/**
 * Makes a copy of everything about one person: recordings, consent receipts, who listened, and a page to read it by. Each
 * recording is opened to its end first, and journalled as listened to before its first byte is written.
 *
 * @throws AppError `not-found` where nothing is kept of the number; `rights.blocked`; `rights.invalid`; `store.unwritable`;
 *   `journal.*`: then nothing is written
 */
export async function exportPerson(deps: ExportDeps, wanted: ExportWanted): Promise<Exported> {
  const { db, journal, clock } = deps
  const { number, file, recipients, by, reason } = wanted
  encrypterFor(recipients)
  const found = await lookUp(deps, number)
  if (found.calls.length === 0) throw new AppError('not-found', 'There are no calls of this number.')
  await refuseBlocked(deps, found)
  const person = await choose(db, found, wanted.purposes)
  const { opened, unopened } = await openable(deps, person.recordings)
  const at = new Date(clock.now())
  const ids = person.calls.map(({ id }) => id)
  const { entries, without } = await proofs(db, ids, { ...deps.receipts, personal: true }, at)
  const encrypted = recipients.length > 0
  const counts = { calls: ids.length, recordings: opened.length }
  const told = [
    event('person.exported', null, at.getTime(), { by, ...counts, encrypted }, { number }),
    ...opened.map(({ recording: { id, call } }) =>
      event('recording.opened', call, at.getTime(), { recording: id, by, reason, how: 'export' }),
    ),
  ]
  const copy = { person, opened, unopened, without, operator: deps.operator, at }
  const content = [...pages(copy), ...entries, ...opened.map(one => sound(deps, one))]
  await writeOutput(file, async output => {
    await journal.append(told, JOURNAL_MS)
    await writeArchive(output, content, recipients)
  })
  return { file, encrypted, ...counts, receipts: ids.length - without.length, unopened }
}

async function refuseBlocked({ db }: ExportDeps, { recordings, holds }: PersonFound): Promise<void> {
  const kept = await holdKinds(
    db,
    recordings.map(({ id }) => id),
  )
  if (![...kept.values()].includes('block') && !holds.some(({ kind }) => kind === 'block')) return
  throw new AppError(
    'rights.blocked',
    'This is blocked, so nothing of it is handed out: see "rights unblock".',
  )
}

/** What there is to read; neither where files stand here, nor what others have asked to be kept. */
function pages(copy: Copy): Entry[] {
  const { number, calls, listens, requests } = copy.person
  const names = new Map(copy.opened.map(({ recording, name }) => [recording.id, name]))
  const told = calls.map(call => ({
    ...call,
    recordings: call.recordings.map(({ files: _, ...recording }) => ({
      ...recording,
      file: names.get(recording.id) ?? null,
    })),
  }))
  const person = {
    number,
    madeAt: copy.at.toISOString(),
    calls: told,
    listens,
    requests,
    missing: copy.unopened,
  }
  return [
    { name: 'summary.html', at: copy.at, content: summary(copy) },
    { name: 'person.json', at: copy.at, content: `${JSON.stringify(person, null, 2)}\n` },
  ]
}

const sound = (
  { identities, ...stores }: ExportDeps,
  { recording, name, bytes, frames }: Openable,
): Entry => ({
  name,
  at: new Date(recording.startedAt),
  bytes,
  write: to =>
    withParts(stores, recording.id, parts =>
      pipeline(Readable.from(wavBytes(parts, identities, frames)), to),
    ),
})
