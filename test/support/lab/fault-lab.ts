import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Test } from 'tap'
import { AUDIBLE_DBFS } from '../../../lab/media/received-audio.js'
import { epochMs } from '../../../lab/time.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import type { EventType } from '../../../src/shared/events.js'
import { readMetric } from '../assertions/alarms.js'
import { findSentenceStart } from '../assertions/heard-words.js'
import { until } from '../processes/database.js'
import { type CallLab, storedFiles } from './call-lab.js'
import { PlacedCall } from './placed-call.js'

/** How long a caller may be without an agent when the service is in trouble, ms. */
export const AGENT_LIMIT_MS = 8_000
/** How much longer a test listens, so that it can say how late the agent came, ms. */
const GRACE_MS = 30_000

/** One purpose on a line of a test, with the shortest prompts there are. */
export const purpose = (name = 'service', prompts: object = {}) => ({
  purpose: name,
  retentionDays: 30,
  legalBasis: 'consent',
  prompts: { question: 'refused', granted: 'refused', refused: 'refused', ...prompts },
})

/** A line with a disclosure of 1.6 s and a question of the same length, that is asked once. */
export const shortLine = (number: string, changes: object = {}) => ({
  number,
  language: 'en',
  mode: 'key',
  disclosure: 'refused',
  purposes: [purpose()],
  retries: 0,
  ...changes,
})

/** The same with a disclosure of 14 s, for callers who are to be in it when a fault comes, or who press a key in it. */
export const longLine = (number: string, changes: object = {}) =>
  shortLine(number, { disclosure: 'disclosure-key', ...changes })

/** Dials a number and waits until its disclosure is heard, or whatever is heard first. */
export async function dialIntoDisclosure(site: CallLab, number: string): Promise<PlacedCall> {
  const call = await PlacedCall.place(site, { number })
  await call.caller.waitForAnswer()
  await call.caller.heard.waitForAudio(60_000, AUDIBLE_DBFS, call.caller.answeredAt)
  return call
}

/** Dials a number and waits until the question is being put. */
export async function dialIntoQuestion(site: CallLab, number: string): Promise<PlacedCall> {
  const call = await dialIntoDisclosure(site, number)
  await call.waitForQuestion()
  return call
}

/** Dials a number and says yes. Resolves once the call is in the dialplan's hands. */
export async function dialAndGrant(site: CallLab, number: string): Promise<PlacedCall> {
  const call = await dialIntoDisclosure(site, number)
  await call.caller.press('1')
  await call.waitForEvent('call.released')
  return call
}

/** The call as the journal has it, once such an event is in. */
export async function timelineAfter(call: PlacedCall, type: EventType): Promise<CallTimeline> {
  await call.waitForEvent(type)
  return (await call.read())!
}

/**
 * Asserts that the caller is with the agent in time: by when the agent's first word arrived, however late the test listens.
 * The phone is in the test's own process and notes a packet only when that runs; for how long it did not is allowed for.
 *
 * @param since only what arrived from then on counts, epoch ms; without it the time counts from now, and who has heard the
 *   agent before is in time
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
  const stood = monitorEventLoopDelay({ resolution: 10 })
  stood.enable()
  const at = await findSentenceStart(caller.heard, sentence, limit + GRACE_MS, since)
  stood.disable()
  const late = Math.round(stood.max / 1e6)
  const took = at === undefined ? 'never' : `after ${Math.round(at - begun)} ms`
  t.ok(
    at !== undefined && at - begun <= limit + late,
    `with the agent within ${limit} ms: ${took}, the phone late by up to ${late} ms`,
  )
}

/** Asserts that these types of event stand in the journal in this order, whatever else stands between them. */
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

/** How often an event stands in a call's journal. */
export const countEvents = (call: CallTimeline, type: EventType) =>
  call.events.filter(event => event.type === type).length

/** The first event of a type. */
export const firstEvent = (call: CallTimeline, type: EventType) =>
  call.events.find(event => event.type === type)

/** Asserts that a call failed: each of its purposes once, decided once, and no recording came of it. */
export function assertUnrecorded(t: Test, call: CallTimeline, reason?: string): void {
  const answers = call.purposes.map(({ answer }) => answer)
  t.strictSame([...new Set(answers)], ['failed'], 'every purpose failed')
  const given = call.events.filter(({ type }) => type === 'consent.answered')
  // One whose commit was given up may be in the journal beside the one that replaces it.
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

/** Asserts that these and no other containers and key files are kept: one of each a part of these calls. */
export async function assertStoredParts(t: Test, site: CallLab, parts: number): Promise<void> {
  const { containers, keys } = await storedFiles(site)
  t.equal(containers.length, parts, 'no container but those of a yes')
  t.equal(keys.length, parts, 'no key file but those of a yes')
}

/** Waits until the service is ready and the gate is open: the next caller is asked. */
export async function waitUntilTakesCalls(site: CallLab): Promise<void> {
  const { service } = site.lab
  await until(async () => (await service.isReady()) && (await readMetric(site, 'consentry_gate_open')) === 1)
}

/** Kills the service and waits until the next one, which the lab starts by itself, takes calls. */
export async function killAndRestart(site: CallLab, signal: NodeJS.Signals): Promise<void> {
  const { service } = site.lab
  const { pid } = service
  service.kill(signal)
  await until(() => service.pid !== undefined && service.pid !== pid)
  await waitUntilTakesCalls(site)
}
