import { readFile } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { AUDIBLE_DBFS } from '../../../lab/media/received-audio.js'
import { keepersOf } from '../../../lab/process/end-keeper.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { epochMs } from '../../../lab/time.js'
import type { EventType } from '../../../src/core/events.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import { readMetric } from '../assertions/alarms.js'
import { findSentenceStart } from '../assertions/heard-words.js'
import { until } from '../processes/database.js'
import { type CallLab, storedFiles } from './call-lab.js'
import { PlacedCall } from './placed-call.js'

/** Longest time until a caller is with the agent when the service fails, ms. */
export const AGENT_LIMIT_MS = 8_000
/** The phone, which is the test's process, Asterisk, the service, the keeper. */
const PROCESSES_ON_THE_WAY = 4
/** Most that is allowed for late processes, ms. */
const MOST_LATE_MS = 8_000
/** How much longer a test listens, to report how late the agent was heard, ms. */
const GRACE_MS = 30_000
/** A quiet machine starts a service within this time, ms. It is less than the 5 s after which the keeper rescues callers. */
const QUICK_START_MS = 2_000
/** A keeper that was stopped for so long notices it, ms: longer than `LATE_TICK`. */
const KEEPER_STOP_MS = 3_000

/** A purpose with prompts of 1.6 s. */
export const purpose = (name = 'service', prompts: object = {}) => ({
  purpose: name,
  retentionDays: 30,
  legalBasis: 'consent',
  prompts: { question: 'refused', granted: 'refused', refused: 'refused', ...prompts },
})

/** A line with a disclosure and a question of 1.6 s each. The question is asked once. */
export const shortLine = (number: string, changes: object = {}) => ({
  number,
  language: 'en',
  mode: 'key',
  disclosure: 'refused',
  purposes: [purpose()],
  retries: 0,
  ...changes,
})

/** The same with a disclosure of 14 s, so that a fault or a key falls into it. */
export const longLine = (number: string, changes: object = {}) =>
  shortLine(number, { disclosure: 'disclosure-key', ...changes })

/** Dials a number and waits until the disclosure, or any other sound, is heard. */
export async function dialIntoDisclosure(site: CallLab, number: string): Promise<PlacedCall> {
  const call = await PlacedCall.place(site, { number })
  await call.caller.waitForAnswer()
  await call.caller.heard.waitForAudio(60_000, AUDIBLE_DBFS, call.caller.answeredAt)
  return call
}

/** Dials a number and waits until the question is heard. */
export async function dialIntoQuestion(site: CallLab, number: string): Promise<PlacedCall> {
  const call = await dialIntoDisclosure(site, number)
  await call.waitForQuestion()
  return call
}

/** Dials a number and says yes. Resolves when the call has returned to the dialplan. */
export async function dialAndGrant(site: CallLab, number: string): Promise<PlacedCall> {
  const call = await dialIntoDisclosure(site, number)
  await call.caller.press('1')
  await call.waitForEvent('call.released')
  return call
}

/** Waits until the journal has an event of this type. @returns the call's timeline */
export async function timelineAfter(call: PlacedCall, type: EventType): Promise<CallTimeline> {
  await call.waitForEvent(type)
  return (await call.read())!
}

/**
 * Asserts that the caller heard the agent's first word in time, by its arrival. On a busy machine each process on the way is late. The
 * delay of the test's own process is measured, and as much is allowed for each of the others.
 *
 * @param since start of the limit, epoch ms; only later audio counts. Without it the limit starts now, and audio heard before
 *   counts too.
 * @param limit ms
 */
export async function assertReachesAgent(
  t: Test,
  { sentence }: CallLab,
  { caller }: PlacedCall,
  since?: number,
  limit = AGENT_LIMIT_MS,
): Promise<void> {
  const begun = since ?? epochMs()
  const allowance = measureLateness()
  const at = await findSentenceStart(caller.heard, sentence, limit + GRACE_MS, since)
  const late = allowance()
  const took = at === undefined ? 'never' : `after ${Math.round(at - begun)} ms`
  t.ok(
    at !== undefined && at - begun <= limit + late,
    `the agent is heard within ${limit} ms: ${took}; processes may have been ${late} ms late`,
  )
}

/**
 * Measures the longest delay of this process's event loop.
 *
 * @returns a function that ends the measurement. It returns how late the processes on a caller's way may have been together, ms: the
 *   phone, Asterisk, the service and its keeper.
 */
export function measureLateness(): () => number {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  return () => {
    delay.disable()
    return Math.min(PROCESSES_ON_THE_WAY * Math.round(delay.max / 1e6), MOST_LATE_MS)
  }
}

/** Asserts that these types of event are in the journal in this order. Other events may stand between them. */
export function assertEventOrder(t: Test, call: CallTimeline, types: EventType[]): void {
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

/** @returns how many events of a type a call has */
export const countEvents = (call: CallTimeline, type: EventType) =>
  call.events.filter(event => event.type === type).length

/** @returns a call's first event of a type */
export const firstEvent = (call: CallTimeline, type: EventType) =>
  call.events.find(event => event.type === type)

/** Asserts that a call failed: one failed answer to each purpose, one decision, no recording. */
export function assertUnrecorded(t: Test, call: CallTimeline, reason?: string): void {
  const answers = call.purposes.map(({ answer }) => answer)
  t.strictSame([...new Set(answers)], ['failed'], 'every purpose failed')
  const given = call.events.filter(({ type }) => type === 'consent.answered')
  // An answer whose commit timed out may be in the journal beside the one that replaces it.
  const replacing = given.filter(one => one['replaces'] !== undefined).length
  t.ok(
    [answers.length, answers.length + replacing].includes(given.length),
    `each purpose has one answer: ${JSON.stringify(given)}`,
  )
  t.equal(countEvents(call, 'call.decided'), 1, 'decided once')
  t.equal(call.decision, 'failed', 'the decision')
  if (reason) t.equal(firstEvent(call, 'consent.answered')?.['reason'], reason, 'why it failed')
  t.notOk(firstEvent(call, 'recording.prepared'), 'no recording was prepared')
  t.strictSame(call.recordings, [], 'nothing was recorded')
}

/** Asserts that exactly so many containers and so many key files are stored. */
export async function assertStoredParts(t: Test, site: CallLab, parts: number): Promise<void> {
  const { containers, keys } = await storedFiles(site)
  t.equal(containers.length, parts, 'no container but those of a yes')
  t.equal(keys.length, parts, 'no key file but those of a yes')
}

/** Waits until the service is ready and the gate is open, so that the next caller is asked. */
export async function waitUntilTakesCalls(site: CallLab): Promise<void> {
  const { service } = site.lab
  await until(async () => (await service.isReady()) && (await readMetric(site, 'consentry_gate_open')) === 1)
}

/** Kills the service, which the lab starts again, and waits until the next one takes calls. See {@link killAndReload}. */
export async function killAndRestart(site: CallLab, signal: NodeJS.Signals): Promise<void> {
  await killAndReload(site, signal)
  await waitUntilTakesCalls(site)
}

/**
 * Kills the service, and waits until the next one has loaded its code.
 *
 * On a busy machine this takes longer than the keeper lets callers wait. The keeper is then stopped meanwhile. When it continues, it
 * counts the silence of the service again, so that the callers are left to the next service.
 *
 * @returns when the next service was seen to have loaded, epoch ms
 */
export async function killAndReload(site: CallLab, signal: NodeJS.Signals): Promise<number> {
  const { service } = site.lab
  const { pid } = service
  const [keeper] = await keepersOf(site.lab.ready.tap)
  let loadedAt: number | undefined
  const hasSuccessor = async () => {
    if (service.pid === pid || !(await isServing(service.pid))) return false
    loadedAt ??= epochMs()
    return true
  }
  service.kill(signal)
  if (!(await pollUntil(hasSuccessor, QUICK_START_MS))) {
    signalKeeper(keeper!, 'SIGSTOP')
    try {
      await Promise.all([until(hasSuccessor), pause(KEEPER_STOP_MS)])
    } finally {
      signalKeeper(keeper!, 'SIGCONT')
    }
  }
  return loadedAt!
}

/** Sends a keeper a signal. A service that was told to stop may have ended its keeper. */
function signalKeeper(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** @returns whether the process has loaded the service and runs it */
const isServing = async (pid: number | undefined): Promise<boolean> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).startsWith('consentry serve')

/** Starts the service of a lab, for which the PBX is at this URL, and waits until it is ready. */
export async function startWithPbxAt({ lab: { service } }: CallLab, url: string): Promise<void> {
  service.overrides = { ...service.overrides, ARI_URL: url }
  service.start()
  await service.waitUntilReady()
}
