import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { fromPcm } from '../../../lab/audio/wav.js'
import { type Lab, type LabOptions, startLab } from '../../../lab/lab.js'
import { setLabLines } from '../../../lab/lab-lines.js'
import { agentSentence } from '../../../lab/pbx/agent-sounds.js'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { readConfig } from '../../../src/config/config.js'
import type { Leg } from '../../../src/core/audio.js'
import { systemClock } from '../../../src/core/clock.js'
import { type Database, openDatabase } from '../../../src/db/database.js'
import { expectedMarking, setTrial } from '../../../src/db/installation.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import { waitAtMost } from '../../../src/lib/deadline.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { type AuditResult, verifyRecordings } from '../../../src/recordings/audit/verify-recordings.js'
import { withParts } from '../../../src/recordings/open/find-parts.js'
import { decodeLegs } from '../../../src/recordings/open/open-recording.js'
import { parseIdentities } from '../../../src/vault/crypto/keygen.js'
import { cryptoReady } from '../../../src/vault/crypto/ready.js'
import type { Identity } from '../../../src/vault/crypto/types.js'
import { type KeyStore, openKeyStore } from '../../../src/vault/keys/key-store.js'
import { type ObjectStore, openStore } from '../../../src/vault/store/store.js'
import { textsOfMachine } from '../assertions/public-parts.js'
import { asteriskVersion } from '../processes/asterisk-version.js'
import { CONNECTION_LIMIT_MS } from '../processes/connection-limit.js'
import { PROMPTS } from '../processes/converted-prompts.js'
import { makeMemoryFolder } from '../processes/memory-folder.js'
import { prepareDatabase } from '../processes/prepared-database.js'

/** Both legs of an opened recording, signed 16-bit samples. */
export type Legs = Record<Leg, Int16Array> & { seconds: number; complete: boolean }

/** A lab, and access to what it has stored. */
export interface CallLab {
  readonly lab: Lab
  readonly db: Database
  readonly store: ObjectStore
  readonly keyStore: KeyStore
  /** One for each purpose. */
  readonly identities: Identity[]
  /** What the lab's agent says, signed 16-bit samples. */
  readonly sentence: Int16Array
  /** Opens a recording, by default with all identities. */
  open(recording: string, identities?: Identity[]): Promise<Legs>
  /** Opens every recording and verifies it against the journal. */
  verify(): Promise<AuditResult>
}

export interface CallLabOptions extends LabOptions {
  /** Lines that are saved before the service starts. */
  lines?: object[]
}

/** A lag that no machine reaches, ms. On a busy machine the service must not shed the calls of tests. */
const NO_LAG_LIMIT = '60000'

/** Nobody is heard in most tests, so the engines are not loaded. A test of speech says otherwise. */
const QUICK_START = {
  CONSENTRY_PROMPTS: PROMPTS,
  CONSENTRY_MAX_LAG: NO_LAG_LIMIT,
  CONSENTRY_EAR_STREAMS: '0',
}

/** Longest wait for the journal when the test file ends, ms. A test may have left the database away or hanging. */
const LAST_LOOK_MS = 20_000

/**
 * Starts a lab with real Asterisk, PostgreSQL, service and keeper. It stops when the test file ends. Then no event of its journal may have
 * published what names this machine.
 */
export async function startCallLab(t: Test, options: CallLabOptions = {}): Promise<CallLab> {
  const site = await openCallLab(options)
  t.teardown(async () => {
    let published: string[] = []
    const look = textsOfMachine(site.db).then(found => {
      published = found
    })
    await waitAtMost(systemClock, LAST_LOOK_MS, look)
    await site.stop()
    if (published.length > 0) throw new Error(`the log publishes this machine:\n${published.join('\n')}`)
  })
  return site
}

/** As {@link startCallLab}, but the caller stops the lab. */
export async function openCallLab({
  lines = [],
  ...options
}: CallLabOptions = {}): Promise<CallLab & { stop(): Promise<void> }> {
  const wanted = options.service !== false
  const lab = await startLab({
    asterisk: asteriskVersion,
    // Other tests keep the disk busy, and the recorder waits only 1.5 s for a store that does not answer.
    data: await makeMemoryFolder(),
    prepareDatabase,
    ...options,
    env: { ...QUICK_START, ...options.env },
    service: false,
  })
  const db = openDatabase(lab.database.url, CONNECTION_LIMIT_MS)
  const stop = async () => {
    await db.close()
    await lab.stop()
  }
  try {
    // A first run is none, other than most tests.
    if (options.bare) await endTrial(lab.database.adminUrl)
    if (lines.length > 0) await saveLines(lab.database.adminUrl, lines)
    if (wanted) {
      lab.service.start()
      await lab.service.waitUntilReady()
    }
    await cryptoReady
    const config = readConfig(lab.env, 'tool')
    const identities = parseIdentities(config.identities!.reveal())
    const marking = await expectedMarking(db, 'verb')
    const store = await openStore(config.store, marking)
    const keyStore = await openKeyStore(config.keystore, marking)
    const { sounds } = await prepareTools(['sounds'])
    const parts = { db, store, keyStore }
    const looked = withReaders({ lab, ...parts, identities, sentence: await agentSentence(sounds) })
    return { ...looked, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** @returns the same lab, reading recordings from another store, `file:/path` */
export const withStoreAt = async (site: CallLab, place: string): Promise<CallLab> =>
  withReaders({ ...site, store: await openStore(place) })

const withReaders = (site: Omit<CallLab, 'open' | 'verify'>): CallLab => ({
  ...site,
  open: (id, keys = site.identities) => withParts(site, id, found => decodeLegs(found, keys)),
  verify: () => verifyRecordings(site),
})

async function saveLines(adminUrl: string, lines: object[]): Promise<void> {
  const db = openDatabase(adminUrl, CONNECTION_LIMIT_MS)
  try {
    await setLabLines(db, adminUrl, ...lines)
  } finally {
    await db.close()
  }
}

async function endTrial(adminUrl: string): Promise<void> {
  const db = openDatabase(adminUrl, CONNECTION_LIMIT_MS)
  await setTrial(db, false).finally(() => db.close())
}

/** @returns paths of all stored containers, and the ids of all parts with a key file */
export async function storedFiles({
  store,
  keyStore,
}: CallLab): Promise<{ containers: string[]; keys: string[] }> {
  const containers: string[] = []
  const keys: string[] = []
  for await (const { name } of store.list()) containers.push(store.locate(name))
  for await (const { part } of keyStore.list()) keys.push(part)
  return { containers: containers.sort(), keys: keys.sort() }
}

/** @returns the containers in these timelines, and the ids of their parts: what {@link storedFiles} must return */
export function expectedFiles(calls: CallTimeline[]): { containers: string[]; keys: string[] } {
  const containers = calls.flatMap(call => call.recordings.flatMap(({ files }) => files)).sort()
  const parts = calls.flatMap(call => call.events.filter(({ type }) => type === 'recording.part-started'))
  return { containers, keys: parts.map(({ part }) => String(part)).sort() }
}

const masters = JSON.parse(readFileSync(join(projectRoot(), 'prompts', 'manifest.json'), 'utf8')) as {
  prompts: { name: string; language: string; sha256: string }[]
}

const prompts = new Map<string, Int16Array>()

/** @returns a prompt as callers hear it, signed 16-bit samples at 8 kHz */
export function promptSamples(language: string, name: string): Int16Array {
  const { sha256 } = masters.prompts.find(prompt => prompt.name === name && prompt.language === language)!
  const path = join(PROMPTS, language, `${name}-${sha256.slice(0, 12)}.sln`)
  const known = prompts.get(path) ?? fromPcm(readFileSync(path))
  prompts.set(path, known)
  return known
}
