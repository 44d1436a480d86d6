import { setTimeout as pause } from 'node:timers/promises'
import { epochMs } from '../../../../lab/time.js'
import type { PlayedBatch } from '../batch.js'
import type { FaultSite } from '../fault-site.js'
import { checkAudio } from './check-audio.js'
import { checkCall } from './check-call.js'
import { checkConsent } from './check-consent.js'
import { checkEvents } from './check-events.js'
import { checkContainers, checkPlaintext, checkUnknownContainers } from './check-stored.js'
import { gatherEvidence, readTimelines } from './evidence.js'
import type { JudgedCall, Violation } from './judged-call.js'

/** Longest time until unreported ends of calls are journalled, ms. The service polls for them every 30 s. */
const ENDS_LIMIT_MS = 45_000
const POLL_MS = 500

/** Violations of a batch. */
export interface Verdict {
  cases: { judged: JudgedCall; violations: Violation[] }[]
  /** Violations that belong to no call. */
  others: Violation[]
}

/** Compares every caller's record with what was journalled and stored. */
export async function judgeBatch(site: FaultSite, played: PlayedBatch): Promise<Verdict> {
  await waitForEnds(site, played)
  const cases = []
  for (const judged of await gatherEvidence(site, played)) {
    const own = [...checkCall(judged), ...checkEvents(judged), ...checkConsent(judged), ...checkAudio(judged)]
    cases.push({ judged, violations: [...own, ...(await checkContainers(site, judged))] })
  }
  const others = [...(await checkUnknownContainers(site)), ...(await checkPlaintext(site))]
  return { cases, others }
}

/** Waits until all events of these calls are journalled, or until the limit. What is missing then is a violation. */
async function waitForEnds(site: FaultSite, { records }: PlayedBatch): Promise<void> {
  const end = epochMs() + ENDS_LIMIT_MS
  for (let open = records; open.length > 0 && epochMs() < end; await pause(POLL_MS)) {
    const states = await Promise.all(open.map(async record => isOpen(await readTimelines(site, record))))
    open = open.filter((_, i) => states[i])
  }
}

const isOpen = (calls: Awaited<ReturnType<typeof readTimelines>>): boolean =>
  calls.some(
    ({ recordings, endedAt, events }) =>
      recordings.some(({ state }) => state === 'recording') ||
      (endedAt === null && (recordings.length > 0 || !events.some(({ type }) => type === 'call.decided'))),
  )
