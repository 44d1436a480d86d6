import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { type Answer, type CallEvent, event } from '../../../src/core/events.js'
import {
  type CallId,
  newCallId,
  newNodeId,
  newPartId,
  newRecordingId,
  type PartId,
  type RecordingId,
} from '../../../src/core/ids.js'
import { openDatabase } from '../../../src/db/database.js'
import { generateIdentity, parseIdentities, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import { createPartSealer } from '../../../src/vault/crypto/part-sealer.js'
import type { Identity, Recipient } from '../../../src/vault/crypto/types.js'
import { block } from '../../unit/vault/fixture.js'
import { type Archive, openArchive } from '../data/archive.js'
import { started, WITHDRAWAL } from '../data/call-events.js'
import { CONNECTION_LIMIT_MS } from './connection-limit.js'
import { type LogSetup, startLogSetup } from './tlog.js'

/** When sealed calls begin by default, ms since the epoch. */
export const CALLED_AT = Date.UTC(2026, 9, 5, 9, 30)
const APPEND_LIMIT_MS = 60_000

/** A real database with its journal, an archive on disk, and its identities. */
export interface ArchiveSetup extends Archive {
  logSetup: LogSetup
  recipients: Recipient[]
  /** In the format of CONSENTRY_IDENTITY. */
  identity: string
  deps: Archive['deps'] & { locate(object: string): string; identities: Identity[] }
}

export async function startArchiveSetup(t: Test): Promise<ArchiveSetup> {
  const log = await startLogSetup(t)
  const db = openDatabase(log.url(), CONNECTION_LIMIT_MS)
  const archive = await openArchive(log.dir, db, log.url())
  t.teardown(async () => {
    await archive.deps.journal.stop()
    await db.close()
  })
  const pairs = ['service', 'marketing'].map(generateIdentity)
  const recipients = parseRecipients(JSON.stringify(pairs.map(({ recipient }) => recipient)))
  const identity = JSON.stringify(pairs.map(pair => pair.identity))
  const identities = parseIdentities(identity)
  const locate = (object: string) => archive.deps.store.locate(object)
  return { ...archive, logSetup: log, recipients, identity, deps: { ...archive.deps, locate, identities } }
}

export interface SealedCall {
  call: CallId
  /** The last part that was sealed, if any. */
  part: PartId | undefined
  /** The recording of each granted purpose. */
  recordings: Record<string, RecordingId>
  /** A-law of caller and agent. */
  spoken: readonly [Buffer, Buffer]
}

/** Journals a complete call of this caller, and seals a recording on disk for each purpose that was granted. */
export async function sealCall(
  { deps, recipients }: ArchiveSetup,
  caller: string,
  { answers = { service: 'granted' } as Record<string, Answer>, at = CALLED_AT, running = false } = {},
): Promise<SealedCall> {
  const call = newCallId()
  const spoken = [randomBytes(20_000), randomBytes(18_000)] as const
  const recordings: Record<string, RecordingId> = {}
  const events: CallEvent[] = [started(call, caller, at)]
  for (const [purpose, answer] of Object.entries(answers)) {
    const yes = answered(call, purpose, answer, at + 9_000)
    events.push(yes)
    if (answer !== 'granted') continue
    recordings[purpose] = newRecordingId()
    const made = { recording: recordings[purpose], call, purpose, basis: yes.id, at: at + 10_000, running }
    const own = recipients.filter(one => one.purpose === purpose)
    events.push(...(await sealRecording(deps, own, spoken, made)))
  }
  const decision = Object.values(answers).includes('granted') ? 'granted' : 'refused'
  events.push(event('call.decided', call, at + 9_500, { decision }))
  if (!running) events.push(event('call.ended', call, at + 30_000, { cause: 16, phase: 'released' }))
  await deps.journal.append(events, APPEND_LIMIT_MS)
  const part = events.findLast(({ type }) => type === 'recording.part-started')
  return { call, recordings, spoken, part: (part?.data as { part: PartId } | undefined)?.part }
}

const answered = (call: CallId, purpose: string, answer: Answer, at: number) =>
  event(
    'consent.answered',
    call,
    at,
    {
      purpose,
      answer,
      method: 'key',
      legalBasis: 'consent',
      retentionDays: 30,
      afterMs: 900,
      withdrawal: WITHDRAWAL,
    },
    { digit: answer === 'granted' ? '1' : '2' },
  )

interface RecordingToSeal {
  recording: RecordingId
  call: CallId
  purpose: string
  basis: CallEvent['id']
  at: number
  running: boolean
}

async function sealRecording(
  { store, keyStore }: ArchiveSetup['deps'],
  recipients: Recipient[],
  spoken: readonly [Buffer, Buffer],
  { recording, call, purpose, basis, at, running }: RecordingToSeal,
): Promise<CallEvent[]> {
  const [part, due] = [newPartId(), new Date(at + 30 * 86_400_000).toISOString().slice(0, 10)]
  const info = { recording, part, number: 1, call, line: '100', purpose, basis, codec: 'alaw' } as const
  const sealer = createPartSealer(info, recipients)
  await keyStore.put({ purpose, due, part }, sealer.wrappedKey)
  const object = `${purpose}/${due.replaceAll('-', '/')}/${part}.ctry`
  const first = [sealer.begin(at), ...sealer.seal(block('caller', 0, spoken[0]))]
  const place = { object, location: store.location, beganAt: new Date(at).toISOString(), firstSample: 0 }
  const { chunks, bytes, hash } = sealer.progress
  const rest = [...sealer.seal(block('agent', 0, spoken[1])), ...sealer.finish()]
  const writer = await store.create(object)
  await writer.append([...first, ...rest])
  await writer.close()
  const samples = spoken[0].length
  const counts = { ...sealer.progress, hash512: '00', samples, firstSample: 0, complete: true }
  const begun = [
    event('recording.prepared', call, at, {
      recording,
      purpose,
      basis,
      due,
      tap: part,
      service: newNodeId(),
    }),
    event('recording.part-started', call, at, { recording, part, number: 1, ...place, chunks, bytes, hash }),
  ]
  if (running) return begun
  const finished = { recording, state: 'finished', seconds: samples / 8_000 } as const
  return [
    ...begun,
    event('recording.part-ended', call, at + 15_000, { recording, part, ...counts }),
    event('recording.finished', call, at + 15_000, finished),
  ]
}
