import type { Struck } from '../batch.js'
import { overlap } from '../readiness.js'
import { type Case, eventsOf, type Violation } from './case.js'

/** From the answer until the caller must be with the agent, whatever comes, ms: being asked twice and a rescue included. */
const STRANDED_MS = 30_000

/** No call ends by us, and none is left in silence. */
export function checkCall(of: Case): Violation[] {
  const { account, struck } = of
  const { caller, hungUpAt, answeredAt, agentAt, plan } = account
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
  const rescued = eventsOf(of, 'call.rescued').length
  if (agentAt === undefined && plan.lifeMs > STRANDED_MS)
    return [
      {
        column: 'dropped',
        what: `stranded: ${STRANDED_MS / 1_000} s without an agent, rescued ${rescued} times`,
      },
    ]
  return []
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
