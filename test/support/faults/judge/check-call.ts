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
