import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { decodeG711 } from '../../../lab/audio/g711.js'
import { type RecorderDeps, type RunningRecorder, startRecorder } from '../../../src/audio/recorder.js'
import type { KeeperAccess } from '../../../src/audio/tap/keeper-access.js'
import { KeeperClient } from '../../../src/audio/tap/keeper-client.js'
import { createCallAnswers } from '../../../src/call/run/commit-answer.js'
import { systemClock } from '../../../src/core/clock.js'
import { event } from '../../../src/core/events.js'
import { type CallId, newCallId, newNodeId, type RecordingId } from '../../../src/core/ids.js'
import type { Grant } from '../../../src/core/ports.js'
import { type Journal, startJournal } from '../../../src/journal/journal.js'
import type { Limits } from '../../../src/keeper/limits.js'
import { withParts } from '../../../src/recordings/open/find-parts.js'
import { decodeLegs } from '../../../src/recordings/open/open-recording.js'
import { generateIdentity, parseIdentities, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import type { Identity } from '../../../src/vault/crypto/types.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { openStore } from '../../../src/vault/store/store.js'
import { MARK_FILE } from '../../../src/vault/volume.js'
import { withLongTimeout } from '../data/journal.js'
import { silent, type TestDatabase, until } from './database.js'
import { keeperSettings } from './keeper.js'

export interface RecorderSetup {
  /** URL of the service's role. */
  database: string
  /** In the format of CONSENTRY_RECIPIENTS. */
  recipients: string
  deps: RecorderDeps
  recorder: RunningRecorder
  journal: Journal
  identities: Identity[]
  /** Folder of the store, key store, tap and socket. */
  dir: string
}

const purposes = ['service', 'marketing']

/** Makes everything that a recorder needs, all of it real, in a temporary folder. */
export async function makeRecorderParts(
  t: Test,
  { server, db }: TestDatabase,
  limits: Partial<Limits> = {},
): Promise<Omit<RecorderSetup, 'recorder'>> {
  const keeper = await keeperSettings(t, limits)
  const dir = dirname(keeper.tapDir)
  const pairs = purposes.map(generateIdentity)
  const recipients = JSON.stringify(pairs.map(({ recipient }) => recipient))
  const identities = parseIdentities(JSON.stringify(pairs.map(({ identity }) => identity)))
  const journal = startJournal(server.url, silent)
  t.teardown(() => journal.stop())
  const deps = {
    keeper,
    owner: { node: 'here', service: newNodeId() },
    db,
    journal: withLongTimeout(journal),
    ...(await openStores(keeper)),
    recipients: parseRecipients(recipients),
    clock: systemClock,
    log: silent,
    isJournalComplete: () => true,
    dayIsCertain: async () => true,
  }
  return { deps, journal, dir, identities, recipients, database: server.url }
}

export async function openStores(keeper: KeeperAccess) {
  const dir = dirname(keeper.tapDir)
  const keyStore = await openKeyStore(`file:${join(dir, 'keys')}`)
  const store = await openStore(`file:${join(dir, 'store')}`)
  return { keyStore, store }
}

/** Starts a recorder whose keeper ends with the test. */
export async function startRecorderSetup(
  t: Test,
  database: TestDatabase,
  limits: Partial<Limits> = {},
): Promise<RecorderSetup> {
  const parts = await makeRecorderParts(t, database, limits)
  return { ...parts, recorder: await startTestRecorder(t, parts.deps) }
}

/** Starts a recorder. It and its keeper end with the test. */
export async function startTestRecorder(t: Test, deps: RecorderDeps): Promise<RunningRecorder> {
  const recorder = await startRecorder(deps)
  t.teardown(async () => {
    const pid = recorder.keeperPid
    await recorder.stop()
    await killKeeper(pid)
  })
  return recorder
}

/** Starts a recorder that the test stops itself, so that another one can recover its taps. Its keeper ends with the test. */
export async function startFirstRecorder(t: Test, deps: RecorderDeps): Promise<RunningRecorder> {
  const recorder = await startRecorder(deps)
  const pid = recorder.keeperPid
  t.teardown(() => killKeeper(pid))
  return recorder
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Kills a keeper, which may have pipes in use. Resolves when it has ended. */
export async function killKeeper(pid: number | undefined): Promise<void> {
  if (pid === undefined || !isAlive(pid)) return
  process.kill(pid, 'SIGKILL')
  await until(() => !isAlive(pid))
}

/** Journals a call that granted these purposes. */
export async function journalGrantedCall(
  journal: Journal,
  granted: readonly string[] = ['service'],
): Promise<{ call: CallId; grants: Grant[] }> {
  const call = newCallId()
  const at = Date.now()
  journal.note(
    event('call.started', call, at, {
      line: '100',
      policy: 1,
      language: 'en',
      mode: 'key',
      channel: `1.${at}`,
      utcOffset: '+00:00',
      service: newNodeId(),
    }),
  )
  const given = granted.map(purpose => ({
    purpose,
    retentionDays: 30,
    legalBasis: 'consent',
    prompts: { question: 'q', granted: 'g', refused: 'r' },
  }))
  const { grants } = await createCallAnswers(withLongTimeout(journal)).commit({
    call,
    purposes: given,
    answer: 'granted',
    method: 'key',
    at,
    afterMs: 100,
    terms: { keys: '*9', onWithdraw: 'destroy', language: 'en' },
  })
  return { call, grants }
}

export interface RecordingRow {
  id: RecordingId
  purpose: string
  state: string
  seconds: number | null
  lost_bytes: number
}

/** Waits until the journal is idle. @returns the call's rows of the table `recording` */
export async function readRecordingRows(
  { deps, journal }: Pick<RecorderSetup, 'deps' | 'journal'>,
  call: CallId,
) {
  await journal.idle()
  const rows = await deps.db
    .selectFrom('recording')
    .where('call_id', '=', call)
    .select(['id', 'purpose', 'state', 'seconds', 'lost_bytes'])
    .orderBy('purpose', 'desc')
    .execute()
  return rows as RecordingRow[]
}

/** @returns the call's parts, with the purpose and due day of their recordings */
export const readPartRows = ({ deps }: Pick<RecorderSetup, 'deps'>, call: CallId) =>
  deps.db
    .selectFrom('part')
    .innerJoin('recording', 'recording.id', 'part.recording_id')
    .where('call_id', '=', call)
    .select(['part.id', 'purpose', 'due', 'object'])
    .execute()

/** Waits until the journal is idle. @returns types and data of the call's recording events, in order */
export async function readRecordingEvents(
  { deps, journal }: Pick<RecorderSetup, 'deps' | 'journal'>,
  call: CallId,
) {
  await journal.idle()
  const rows = await deps.db
    .selectFrom('event')
    .where('call_id', '=', call)
    .select(['type', 'data'])
    .orderBy('id')
    .execute()
  return rows.filter(({ type }) => type.startsWith('recording.'))
}

/** @returns the last event of a call's recording, beside its progress, which a next service notes at any time */
export const readLastEvent = async (setup: Pick<RecorderSetup, 'deps' | 'journal'>, call: CallId) =>
  (await readRecordingEvents(setup, call)).filter(({ type }) => type !== 'recording.progress').at(-1)

/** Opens a recording. @returns whether each leg has exactly this a-law */
export async function recordingHolds(
  { deps, identities }: Pick<RecorderSetup, 'deps' | 'identities'>,
  recording: RecordingId,
  spoken: readonly [Buffer, Buffer],
): Promise<boolean> {
  const { caller, agent } = await withParts(deps, recording, parts => decodeLegs(parts, identities))
  const expected = spoken.map(bytes => decodeG711(bytes, 'alaw'))
  return [caller, agent].every((heard, leg) => {
    const side = expected[leg]!
    const rest = heard.subarray(side.length)
    return (
      Buffer.from(heard.buffer, heard.byteOffset, side.byteLength).equals(
        Buffer.from(side.buffer, side.byteOffset, side.byteLength),
      ) && rest.every(sample => sample === 0)
    )
  })
}

/** @returns every file below a folder, except marks */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile() && entry.name !== MARK_FILE)
  return files.map(({ parentPath, name }) => join(parentPath, name))
}

/** Starts a client of the keeper. Client and keeper end with the test. @param using see `KeeperClient.start` */
export async function startKeeperClient(
  t: Test,
  settings: KeeperAccess,
  using: Parameters<typeof KeeperClient.start>[2] = {},
): Promise<KeeperClient> {
  const client = await KeeperClient.start(settings, silent, using)
  t.teardown(async () => {
    const { pid } = client
    await client.stop()
    await killKeeper(pid)
  })
  return client
}
