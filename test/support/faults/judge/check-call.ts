import type { Struck } from '../batch.js'
import { overlap, type Span } from '../readiness.js'
import { type Case, eventsOf, type Violation } from './judged-call.js'

/**
 * For how long a caller may hear neither prompt nor agent, whatever comes, ms: a rescue takes up to 8 s, a start of the
 * service on a busy machine as long, and another fault may lie between.
 */
const SILENT_MS = 20_000
/** So long after its beginning no call is asked again, ms; whoever is not with the agent soon after that never will be. */
const ASKED_MS = 150_000

/** No call ends by us, and none is left in silence. */
export function checkCall(of: Case): Violation[] {
  const { account, struck } = of
  const { caller, hungUpAt, answeredAt, agentAt, silentMs, plan } = account
  if (struck.some(({ fault }) => fault.endsCalls)) return []
  if (answeredAt === undefined)
    return [{ column: 'dropped', what: `never answered: ${JSON.stringify(caller.end ?? 'no word')}` }]
  const ownEnd = hungUpAt !== undefined && (caller.endedAt ?? Infinity) >= hungUpAt
  if (!ownEnd) {
    const after = Math.round((caller.endedAt! - answeredAt) / 1_000)
    return [{ column: 'dropped', what: `ended by the PBX after ${after} s: ${JSON.stringify(caller.end)}` }]
  }
  const left = struck.find(one => isLeft(of, one))
  if (left)
    return [
      {
        column: 'dropped',
        what: `in silence for more than ${left.fault.rescues} ms after “${left.fault.name}”`,
      },
    ]
  const hushed = account.silences.find(span => isTooLong(of, span))
  if (hushed) {
    const seconds = ((hushed.to - hushed.from) / 1_000).toFixed(1)
    return [{ column: 'dropped', what: `${seconds} s of silence while storage hung` }]
  }
  if (silentMs > SILENT_MS || (agentAt === undefined && plan.lifeMs > ASKED_MS)) {
    const rescued = eventsOf(of, 'call.rescued').length
    return [
      {
        column: 'dropped',
        what: `stranded: ${Math.round(silentMs / 1_000)} s of silence before the agent, rescued ${rescued} times`,
      },
    ]
  }
  return []
}

/** Whether a silence is longer than any of the faults meanwhile allows; those that bound no silence excuse it. */
function isTooLong({ struck }: Case, silence: Span): boolean {
  const meanwhile = struck.filter(one => !one.fault.harmless && overlap(one, silence))
  const bounds = meanwhile.flatMap(({ fault }) => fault.silentMs ?? [])
  return (
    bounds.length > 0 && bounds.length === meanwhile.length && silence.to - silence.from > Math.max(...bounds)
  )
}

/** Whether the caller was in question when a fault was struck, with no other about, and not with the agent in time. */
function isLeft({ account, struck }: Case, one: Struck): boolean {
  const { rescues } = one.fault
  const { answeredAt, agentAt = Infinity, hungUpAt = Infinity } = account
  if (rescues === undefined || answeredAt === undefined) return false
  const until = one.from + rescues
  if (answeredAt > one.from || agentAt <= one.from || hungUpAt < until) return false
  const alone = struck.every(other => other === one || !overlap(other, { from: one.from - 2_000, to: until }))
  return alone && agentAt > until
}
