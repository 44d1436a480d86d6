import { PACKET_SAMPLES } from '../../../../lab/media/rtp.js'
import { defaultLimits } from '../../../../src/keeper/limits.js'
import { type Leg, SAMPLE_RATE } from '../../../../src/shared/audio.js'
import { sentBy } from '../callers/account.js'
import type { Said } from '../callers/voice.js'
import { type Case, eventsOf, type Found, msOf, type Violation } from './judged-call.js'

/**
 * Packets that may be missing in one place, or come again: the PBX itself drops and repeats what comes late on a busy
 * machine, up to half a second at once. What we lose is never that little: its blocks hold four seconds.
 */
const JITTER = 40
/** Of the caller's last packets so many may be missing: what was on its way when the channel went, a second. */
const EDGE = 50

/** Nobody of ours is silent for so long, samples. */
const SILENT = 3 * SAMPLE_RATE

/** Packets that a keeper may hold when it dies: 30 s. */
const HELD = defaultLimits.heldBytes / PACKET_SAMPLES

const LEGS = ['caller', 'agent'] as const

/** What was said is kept, once, but for what the journal says is missing. */
export function checkAudio(of: Case): Violation[] {
  const found: Violation[] = []
  for (const recording of of.recordings) {
    if (recording.state === 'destroyed') {
      found.push(...checkDestroyed(of, recording))
      continue
    }
    if (!recording.said) {
      const withdrawn = eventsOf(of, 'consent.withdrawn').length > 0
      if (!withdrawn)
        found.push({ column: 'lost', what: `${name(recording)} cannot be opened: ${recording.refused}` })
      continue
    }
    for (const leg of LEGS) found.push(...checkLeg(of, recording, leg))
    found.push(...checkEnd(of, recording))
  }
  return found
}

/** No recording of a run comes to its day: only its caller's withdrawal may destroy it. */
function checkDestroyed(of: Case, recording: Found): Violation[] {
  const byTerm = eventsOf(of, 'recording.destroyed').some(
    event => event['recording'] === recording.id && event['cause'] === 'term',
  )
  return byTerm ? [{ column: 'lost', what: `${name(recording)}: destroyed before its day` }] : []
}

const name = ({ id, purpose }: Found) => `recording ${id} of ${purpose}`

function checkLeg(of: Case, recording: Found, leg: Leg): Violation[] {
  const said = recording.said![leg]
  const gaps = eventsOf(of, 'recording.gap').filter(
    event => event['recording'] === recording.id && event['leg'] === leg,
  )
  const found: Violation[] = []
  const stranger = said.find(({ call }) => call !== (leg === 'caller' ? of.account.plan.index : 0))
  if (stranger) found.push({ column: 'lost', what: `${name(recording)}: ${leg} holds another call's words` })
  const { skipped, repeated } = steps(said)
  if (recording.samples[leg] > SILENT && said.length === 0)
    found.push({ column: 'lost', what: `${name(recording)}: not a word of the ${leg}` })
  if (repeated > 0)
    found.push({ column: 'doubled', what: `${name(recording)}: ${repeated} packets of the ${leg}` })
  // Beyond what is counted only a keeper that died may have cost something: no more than it may hold.
  const counted = gaps.reduce((sum, { bytes }) => sum + Number(bytes), 0) / PACKET_SAMPLES
  const died = gaps.filter(({ reason }) => reason === 'keeper-died').length
  // It is counted by the clock; a service that was itself away does not know it.
  const known = !of.struck.some(({ fault }) => fault.target === 'service')
  const most = counted + JITTER * gaps.length + (known ? 0 : died * HELD)
  if (gaps.length > 0 && skipped > most)
    found.push({
      column: 'lost',
      what: `${name(recording)}: ${skipped} packets of the ${leg}, and gaps of ${most} at most are journalled`,
    })
  const journalled = gaps.reduce((sum, { bytes }) => sum + Number(bytes), 0)
  if (gaps.length === 0 && skipped > 0)
    found.push({
      column: 'lost',
      what: `${name(recording)}: ${skipped} packets of the ${leg}, and no gap is journalled`,
    })
  if (recording.missing[leg] > journalled)
    found.push({
      column: 'lost',
      what: `${name(recording)}: ${recording.missing[leg]} samples of the ${leg} are in no part, ${journalled} journalled`,
    })
  return found
}

/** Packets that were skipped, and that came again, beyond what the PBX itself does. */
export function steps(said: readonly Said[]): { skipped: number; repeated: number } {
  let [skipped, repeated] = [0, 0]
  for (const [i, { n }] of said.entries()) {
    const step = i === 0 ? 1 : n - said[i - 1]!.n
    if (step > JITTER) skipped += step - 1
    if (step < 1 - JITTER) repeated += 1 - step
  }
  return { skipped, repeated }
}

/** A recording that calls itself finished holds what the caller said up to the end. */
function checkEnd(of: Case, recording: Found): Violation[] {
  const said = recording.said!.caller
  const released = eventsOf(of, 'call.released')[0]
  if (recording.state !== 'finished' || !released || of.account.withdrewAt !== undefined) return []
  const over = Math.min(of.account.hungUpAt ?? Infinity, of.account.caller.endedAt ?? Infinity)
  const last = sentBy(of.account, over) - EDGE
  const end = said.at(-1)?.n ?? 0
  const gap = eventsOf(of, 'recording.gap').some(event => event['recording'] === recording.id)
  const talked = (over - msOf(released)) / 1_000
  if (gap || end >= last || talked < 1) return []
  return [
    {
      column: 'lost',
      what: `${name(recording)}: the last ${last - end} packets of the caller, and it says “finished”`,
    },
  ]
}
