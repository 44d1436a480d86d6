import { AGENT_LIMIT_MS } from '../../lab/fault-lab.js'
import type { StruckFault } from '../batch.js'
import { overlap, type Span } from '../readiness.js'
import { AFTERMATH_MS, eventsOf, type JudgedCall, type Violation } from './judged-call.js'

/**
 * Longest silence that a caller may hear while something struck the service or its way to the PBX, ms. A rescue takes up to 8 s, a start
 * of the service on a busy machine as long, and another fault may come between.
 */
const SILENCE_LIMIT_MS = 20_000
/** After this time no call is still being asked, ms. A caller who is not with the agent by then is stranded. */
const ASKING_LIMIT_MS = 150_000

/** We end no call, and leave no caller in silence. */
export function checkCall(judged: JudgedCall): Violation[] {
  const { record, struck } = judged
  const { caller, hungUpAt, answeredAt, agentAt, silentMs, plan } = record
  if (struck.some(({ fault }) => fault.endsCalls)) return []
  if (answeredAt === undefined)
    return [{ column: 'dropped', what: `never answered: ${JSON.stringify(caller.end ?? 'no word')}` }]
  const ownEnd = hungUpAt !== undefined && (caller.endedAt ?? Infinity) >= hungUpAt
  if (!ownEnd) {
    const after = Math.round((caller.endedAt! - answeredAt) / 1_000)
    return [{ column: 'dropped', what: `ended by the PBX after ${after} s: ${JSON.stringify(caller.end)}` }]
  }
  const left = struck.find(one => isLeftInSilence(judged, one))
  if (left)
    return [
      {
        column: 'dropped',
        what: `in silence for more than ${left.fault.rescues} ms after “${left.fault.name}”`,
      },
    ]
  const hushed = record.silences.find(span => isTooLongSilence(judged, span))
  if (hushed) {
    const seconds = ((hushed.to - hushed.from) / 1_000).toFixed(1)
    return [{ column: 'dropped', what: `${seconds} s of silence that nothing excuses` }]
  }
  if (silentMs > SILENCE_LIMIT_MS || (agentAt === undefined && plan.lifeMs > ASKING_LIMIT_MS)) {
    const rescued = eventsOf(judged, 'call.rescued').length
    return [
      {
        column: 'dropped',
        what: `stranded: ${Math.round(silentMs / 1_000)} s of silence before the agent, rescued ${rescued} times`,
      },
    ]
  }
  return []
}

/** Whether a silence is longer than 8 s and than every fault during it allows. A fault without a limit of its own is left to the other limit. */
function isTooLongSilence({ struck }: JudgedCall, silence: Span): boolean {
  const meanwhile = struck.filter(
    ({ fault, from, to }) => !fault.harmless && overlap({ from, to: to + AFTERMATH_MS }, silence),
  )
  const bounds = meanwhile.flatMap(({ fault }) => fault.silentMs ?? [])
  return bounds.length === meanwhile.length && silence.to - silence.from > Math.max(AGENT_LIMIT_MS, ...bounds)
}

/** Whether the caller was being asked when this fault struck alone, and was not with the agent in time. */
function isLeftInSilence({ record, struck }: JudgedCall, one: StruckFault): boolean {
  const { rescues } = one.fault
  const { answeredAt, agentAt = Infinity, hungUpAt = Infinity } = record
  if (rescues === undefined || answeredAt === undefined) return false
  const until = one.from + rescues
  if (answeredAt > one.from || agentAt <= one.from || hungUpAt < until) return false
  const alone = struck.every(other => other === one || !overlap(other, { from: one.from - 2_000, to: until }))
  return alone && agentAt > until
}
