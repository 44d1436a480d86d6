import { readFile } from 'node:fs/promises'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Load, startLoad } from '../../../lab/load/start-load.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { SAMPLE_RATE } from '../../../src/core/audio.js'
import { type Database, openDatabase } from '../../../src/db/database.js'
import { type CallTimeline, listCalls, readCall } from '../../../src/journal/read/timeline.js'
import { withParts } from '../../../src/recordings/open/find-parts.js'
import { decodeLegs } from '../../../src/recordings/open/open-recording.js'
import { parseIdentities } from '../../../src/vault/crypto/keygen.js'
import { cryptoReady } from '../../../src/vault/crypto/ready.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { openStore } from '../../../src/vault/store/store.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import type { Machine } from './machine.js'

/** The line of the package's example. */
export const NUMBER = '4951234567'
/** When callers press their key, ms after the answer: in the disclosure. */
const KEY_AFTER_MS = 3_000
/** Most by which calls are made longer on a busy machine. */
const MOST_SLOW = 5
/** Longest time until all events of ended calls are in the journal, ms. */
const JOURNALLED_MS = 60_000
/** Audio that may be missing at the start and the end of a tap, s. */
const EDGES_S = 0.7
/** How late a busy machine may journal a recording's beginning and end, s. A lost block would be 4.1 s. */
const LATE_S = 2

/** How much longer things take because others use the machine as well: 1 if nobody does. */
const slowness = (): number => Math.min(MOST_SLOW, Math.max(1, loadavg()[0]! / availableParallelism()))

/**
 * Callers who ring, say yes and talk.
 *
 * @param talkMs how long they talk, ms. On a machine that others use as well, they talk longer
 */
export const ring = (calls: number, talkMs: number): Promise<Load> =>
  startLoad({
    holdMs: Math.ceil(talkMs * slowness()),
    ...{ sip: '127.0.0.1:5060', number: NUMBER, rate: 2, ports: [20_000, 24_000] as [number, number] },
    ...{ calls, key: '1', keyAfterMs: KEY_AFTER_MS },
  })

/** What became of calls. */
export interface Outcome {
  calls: number
  /** Parts of all recordings. */
  parts: number
  /** Samples of both sides that no part has. */
  lostSamples: number
  /** Gaps that the journal has. */
  gaps: number
}

/**
 * Reads and opens what became of the latest calls. Asserts of each that the caller said yes, and that its recording is finished.
 *
 * @param identity path on the machine
 */
export async function outcomeOf(
  t: Test,
  machine: Machine,
  { calls, identity, states = ['finished'] }: { calls: number; identity: string; states?: string[] },
): Promise<Outcome> {
  const site = await openSite(machine, identity)
  try {
    let timelines: CallTimeline[] = []
    const ended = async () => {
      timelines = await site.latest(calls)
      return timelines.length === calls && timelines.every(isOver)
    }
    t.ok(await pollUntil(ended, JOURNALLED_MS), `the journal has the ends of ${calls} calls`)
    const outcome = { calls, parts: 0, lostSamples: 0, gaps: 0 }
    for (const call of timelines) {
      t.equal(call.decision, 'granted')
      const [recording] = call.recordings
      t.ok(recording && states.includes(recording.state), `its recording is ${recording?.state}`)
      if (!recording) continue
      outcome.parts += call.events.filter(({ type }) => type === 'recording.part-started').length
      outcome.gaps += call.events.filter(({ type }) => type === 'recording.gap').length
      outcome.lostSamples += await site.lostSamples(call)
    }
    return outcome
  } finally {
    await site.db.close()
  }
}

const isOver = ({ recordings, endedAt }: CallTimeline): boolean =>
  endedAt !== null && recordings.length > 0 && recordings.every(({ state }) => state !== 'recording')

interface Site {
  db: Database
  /** The latest calls with all their events. */
  latest(many: number): Promise<CallTimeline[]>
  lostSamples(call: CallTimeline): Promise<number>
}

async function openSite(machine: Machine, identity: string): Promise<Site> {
  await cryptoReady
  const rows = (await machine.read('etc/consentry/consentry.env')).matchAll(/^([A-Z_]+)=(.*)$/gm)
  const settings = Object.fromEntries([...rows].map(([, name, value]) => [name!, value!]))
  const here = (place = '') => place.split(',')[0]!.replace('file:', `file:${machine.root}`)
  const db = openDatabase(settings['DATABASE_URL']!, CONNECTION_LIMIT_MS)
  const store = await openStore(here(settings['CONSENTRY_STORE'] ?? 'file:/var/lib/consentry/store'))
  const keyStore = await openKeyStore(here(settings['CONSENTRY_KEYSTORE']))
  const identities = parseIdentities(await readFile(join(machine.root, identity), 'utf8'))
  const locate = (name: string) => store.locate(name)
  return {
    db,
    async latest(many) {
      const calls = await listCalls(db, locate, { limit: many })
      return Promise.all(calls.map(({ id }) => readCall(db, locate, id)))
    },
    async lostSamples({ recordings, events }) {
      const parts = { db, store, keyStore, identities }
      const legs = await withParts(parts, recordings[0]!.id, found => decodeLegs(found, identities))
      const at = (type: string) => Date.parse(events.find(one => one.type === type)!.at)
      const talked = (at('recording.finished') - at('call.released')) / 1_000
      const short = talked - LATE_S - legs.seconds
      // No a-law byte decodes to 0, so a 0 is a sample that no part has.
      const holes = [legs.caller, legs.agent].map(
        side =>
          side.slice(0, Math.floor((legs.seconds - EDGES_S) * SAMPLE_RATE)).filter(one => one === 0).length,
      )
      return Math.max(0, Math.ceil(short * SAMPLE_RATE)) + holes[0]! + holes[1]!
    },
  }
}
