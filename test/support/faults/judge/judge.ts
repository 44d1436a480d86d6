import { setTimeout as pause } from 'node:timers/promises'
import { epochMs } from '../../../../lab/time.js'
import type { Played } from '../batch.js'
import type { Ground } from '../fault-site.js'
import { checkAudio } from './check-audio.js'
import { checkCall } from './check-call.js'
import { checkConsent } from './check-consent.js'
import { checkEvents } from './check-events.js'
import { checkContainers, checkPlaintext, checkStrangers } from './check-stored.js'
import { gather, timelinesOf } from './evidence.js'
import type { Case, Violation } from './judged-call.js'

/** How long ends of calls that nobody heard of may take to be noticed, ms: they are looked for each 30 s. */
const SETTLE_MS = 45_000
const LOOK_MS = 500

/** What was found of a batch. */
export interface Verdict {
  cases: { of: Case; violations: Violation[] }[]
  /** What belongs to no call. */
  others: Violation[]
}

/** Holds what every caller knows of its call against all that is kept of it. */
export async function judge(ground: Ground, played: Played): Promise<Verdict> {
  await settled(ground, played)
  const cases = []
  for (const of of await gather(ground, played)) {
    const own = [...checkCall(of), ...checkEvents(of), ...checkConsent(of), ...checkAudio(of)]
    cases.push({ of, violations: [...own, ...(await checkContainers(ground, of))] })
  }
  const others = [...(await checkStrangers(ground)), ...(await checkPlaintext(ground))]
  return { cases, others }
}

/** Waits until nothing more is to come of these calls; what has not come by then will be missed by the judge. */
async function settled(ground: Ground, { accounts }: Played): Promise<void> {
  const end = epochMs() + SETTLE_MS
  for (let open = accounts; open.length > 0 && epochMs() < end; await pause(LOOK_MS)) {
    const states = await Promise.all(open.map(async account => isOpen(await timelinesOf(ground, account))))
    open = open.filter((_, i) => states[i])
  }
}

const isOpen = (calls: Awaited<ReturnType<typeof timelinesOf>>): boolean =>
  calls.some(
    ({ recordings, endedAt, events }) =>
      recordings.some(({ state }) => state === 'recording') ||
      (endedAt === null && (recordings.length > 0 || !events.some(({ type }) => type === 'call.decided'))),
  )
