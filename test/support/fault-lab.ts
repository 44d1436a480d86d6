import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { openDatabase } from '../../src/db/database.js'
import { type CallTimeline, listCalls, readCall } from '../../src/journal/timeline.js'
import { findSpeech } from '../../src/lab/audio/find-speech.js'
import { Caller, type CallerOptions } from '../../src/lab/caller.js'
import { type Lab, type LabOptions, startLab } from '../../src/lab/lab.js'
import { agentSentence } from '../../src/lab/pbx/agent-sounds.js'
import { epochMs } from '../../src/lab/time.js'
import { prepareTools } from '../../src/lab/tools/prepare-tools.js'
import { saveLine } from '../../src/policy/save-line.js'
import { SAMPLE_RATE } from '../../src/shared/audio.js'
import type { EventType } from '../../src/shared/events.js'
import { asteriskVersion } from './asterisk-version.js'
import { until } from './database.js'

/** How long a caller may be without an agent when the service is in trouble, ms. */
export const WITH_AGENT_MS = 8_000
/** The agent's sentence, as the caller must hear it. */
export const sentence = await agentSentence((await prepareTools(['sounds'])).sounds)
/** How much longer a test listens, so that it can say how late the agent came, ms. */
const GRACE_MS = 15_000

/** One purpose on a line of a test, with the shortest prompts there are. */
export const purpose = (name = 'service', prompts: object = {}) => ({
  purpose: name,
  retentionDays: 30,
  legalBasis: 'consent',
  prompts: { question: 'refused', granted: 'refused', refused: 'refused', ...prompts },
})

/** A line with a disclosure of 1.6 s and a question of the same length, that is asked once. */
export const quickLine = (number: string, changes: object = {}) => ({
  number,
  language: 'en',
  mode: 'key',
  disclosure: 'refused',
  purposes: [purpose()],
  retries: 0,
  ...changes,
})

/** The same with the long disclosure, for callers who are to be in it when a fault comes. */
export const longLine = (number: string) => quickLine(number, { disclosure: 'disclosure-key' })

export interface PlacedCall {
  caller: Caller
  /** The caller's number, by which the call is found in the journal. */
  from: string
}

let callers = 0

/** A lab whose service is to be harmed, with what it takes to see what becomes of its calls. */
export class FaultLab {
  private constructor(
    readonly lab: Lab,
    readonly db: ReturnType<typeof openDatabase>,
  ) {}

  /**
   * Starts a lab that ends with the test.
   * @param lines put into force before the service starts
   */
  static async start(t: Test, lines: object[], options: LabOptions = {}): Promise<FaultLab> {
    const lab = await startLab({ asterisk: asteriskVersion, ...options, service: false })
    t.teardown(() => lab.stop())
    const db = openDatabase(lab.database.adminUrl)
    t.teardown(() => db.close())
    for (const line of lines) await saveLine(db, line)
    if (options.service !== false) {
      lab.service.start()
      await lab.service.ready()
    }
    return new FaultLab(lab, db)
  }

  get ready() {
    return this.lab.ready
  }

  get service() {
    return this.lab.service
  }

  /** Dials a number, from a number of its own. */
  async dial(number: string, options: Partial<CallerOptions> = {}): Promise<PlacedCall> {
    callers += 1
    const from = `7999${String(callers).padStart(7, '0')}`
    return { caller: await Caller.call({ sip: this.lab.pbx.sip, number, from, ...options }), from }
  }

  /** Dials a number and waits until its disclosure is heard. */
  async dialIn(number: string, options?: Partial<CallerOptions>): Promise<PlacedCall> {
    const call = await this.dial(number, options)
    await call.caller.answered()
    await call.caller.heard.waitForAudio(30_000)
    return call
  }

  /** Dials a number and waits until the journal says that the question was put, and that nothing plays any more. */
  async dialIntoQuestion(number: string): Promise<PlacedCall> {
    const call = await this.dialIn(number)
    await this.journalled(call, 'consent.asked')
    return call
  }

  /** The call as the journal has it, once an event of this type is in. */
  async journalled({ from }: PlacedCall, type: EventType, times = 1): Promise<CallTimeline> {
    let found: CallTimeline | undefined
    await until(async () => {
      const [call] = await listCalls(this.db, locate, { caller: from })
      found = call && (await readCall(this.db, locate, call.id))
      return (found?.events.filter(event => event.type === type).length ?? 0) >= times
    }).catch(cause => {
      throw new Error(`${type} did not come: ${found?.events.map(event => event.type)}`, { cause })
    })
    return found!
  }

  /** Every file of the key store and the object store. */
  async kept(): Promise<string[]> {
    const { data, keys } = this.ready
    const files = await Promise.all([join(data, 'store'), keys].map(filesBelow))
    return files
      .flat()
      .map(file => relative(data, file))
      .sort()
  }
}

const locate = (object: string) => object

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

/** A caller looks for the agent's words so often, ms. */
const LISTEN_MS = 200

/**
 * When a caller was known to hear the agent: one of the sentence's first seconds is enough, for a busy machine may tear
 * one apart. Only what came since the last look is searched, so that many callers can listen at once.
 *
 * @param since epoch ms
 * @returns epoch ms, up to three seconds late; undefined if the agent was not heard in time
 */
async function hearsAgent({ caller }: PlacedCall, since: number, limit: number): Promise<number | undefined> {
  const seconds = [0, 1, 2].map(i => sentence.subarray(i * SAMPLE_RATE, (i + 1) * SAMPLE_RATE))
  for (let from = since; epochMs() < since + limit; ) {
    await pause(LISTEN_MS)
    const now = epochMs()
    const heard = caller.heard.samples(from)
    if (seconds.some(second => findSpeech(heard, second))) return now
    from = Math.max(since, now - 1_500)
  }
  return undefined
}

/**
 * Asserts that the caller hears the agent in time.
 * @param since epoch ms
 * @param limit ms
 */
export async function reachesAgent(
  t: Test,
  call: PlacedCall,
  since = epochMs(),
  limit = WITH_AGENT_MS,
): Promise<void> {
  const at = await hearsAgent(call, since, limit + GRACE_MS)
  const took = at === undefined ? 'never' : `after ${Math.round(at - since)} ms`
  t.ok(at !== undefined && at - since <= limit, `with the agent within ${limit} ms: ${took}`)
}

/** Asserts that these types of event stand in the journal in this order, whatever else stands between them. */
export function inOrder(t: Test, call: CallTimeline, types: EventType[]): void {
  const all = call.events.map(event => event.type)
  let at = -1
  const places = types.map(type => {
    at = all.indexOf(type, at + 1)
    return at
  })
  t.ok(
    places.every((place, i) => place > (places[i - 1] ?? -1)),
    `in order: ${types.join(', ')}; found: ${all}`,
  )
}

/** How often an event stands in a call's journal. */
export const count = (call: CallTimeline, type: EventType) =>
  call.events.filter(event => event.type === type).length

/** The first event of a type. */
export const find = (call: CallTimeline, type: EventType) => call.events.find(event => event.type === type)

/**
 * Asserts that a call was let go unrecorded: each of its purposes failed once, decided once, and no recording came of it.
 */
export function wentUnrecorded(t: Test, call: CallTimeline, reason?: string): void {
  t.strictSame(
    call.purposes.map(({ answer }) => answer),
    call.purposes.map(() => 'failed'),
    'every purpose failed',
  )
  t.equal(count(call, 'consent.answered'), call.purposes.length, 'each purpose answered once')
  t.equal(count(call, 'call.decided'), 1, 'decided once')
  t.equal(call.decision, 'failed')
  if (reason) t.equal(find(call, 'consent.answered')?.['reason'], reason)
  t.notOk(find(call, 'recording.prepared'), 'no recording was prepared')
  t.strictSame(call.recordings, [], 'nothing was recorded')
}
