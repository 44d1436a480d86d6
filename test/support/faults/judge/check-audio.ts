import { PACKET_SAMPLES } from '../../../../lab/media/rtp.js'
import { type Leg, SAMPLE_RATE } from '../../../../src/core/audio.js'
import { defaultLimits } from '../../../../src/keeper/limits.js'
import { packetsSentBy } from '../callers/caller-record.js'
import type { NumberedPacket } from '../callers/voice.js'
import { eventsOf, type JudgedCall, msOf, type OpenedRecording, type Violation } from './judged-call.js'

/**
 * Packets that may be missing or repeated in one place. On a busy machine the PBX drops and repeats late packets, up to half a
 * second at once. A loss of ours is larger: a block has four seconds.
 */
const JITTER_PACKETS = 40
/** How many of the caller's last packets may be missing: one second that was on its way when the channel ended. */
const END_PACKETS = 50

/** Callers and agents are never silent for so long, samples. */
const SILENT_SAMPLES = 3 * SAMPLE_RATE

/** Packets that a dying keeper may hold: 30 s. */
const HELD_PACKETS = defaultLimits.heldBytes / PACKET_SAMPLES

const LEGS = ['caller', 'agent'] as const

/** Everything said is recorded once, except for the gaps in the journal. */
export function checkAudio(judged: JudgedCall): Violation[] {
  const found: Violation[] = []
  for (const recording of judged.recordings) {
    if (recording.state === 'destroyed') {
      found.push(...checkDestroyed(judged, recording))
      continue
    }
    if (!recording.packets) {
      const withdrawn = eventsOf(judged, 'consent.withdrawn').length > 0
      if (!withdrawn)
        found.push({ column: 'lost', what: `${name(recording)} cannot be opened: ${recording.openError}` })
      continue
    }
    for (const leg of LEGS) found.push(...checkLeg(judged, recording, leg))
    found.push(...checkEnd(judged, recording))
  }
  return found
}

/** No recording of a run becomes due: only a withdrawal may destroy it. */
function checkDestroyed(judged: JudgedCall, recording: OpenedRecording): Violation[] {
  const byTerm = eventsOf(judged, 'recording.destroyed').some(
    event => event['recording'] === recording.id && event['cause'] === 'term',
  )
  return byTerm ? [{ column: 'lost', what: `${name(recording)}: destroyed before its day` }] : []
}

const name = ({ id, purpose }: OpenedRecording) => `recording ${id} of ${purpose}`

function checkLeg(judged: JudgedCall, recording: OpenedRecording, leg: Leg): Violation[] {
  const packets = recording.packets![leg]
  const gaps = eventsOf(judged, 'recording.gap').filter(
    event => event['recording'] === recording.id && event['leg'] === leg,
  )
  const found: Violation[] = []
  const stranger = packets.find(({ call }) => call !== (leg === 'caller' ? judged.record.plan.index : 0))
  if (stranger) found.push({ column: 'lost', what: `${name(recording)}: ${leg} holds another call's words` })
  const { skipped, repeated } = countSteps(packets)
  if (recording.samples[leg] > SILENT_SAMPLES && packets.length === 0)
    found.push({ column: 'lost', what: `${name(recording)}: not a word of the ${leg}` })
  if (repeated > 0)
    found.push({ column: 'doubled', what: `${name(recording)}: ${repeated} packets of the ${leg}` })
  // Only a keeper that died may have lost more than was counted, and no more than it may hold.
  const counted = gaps.reduce((sum, { bytes }) => sum + Number(bytes), 0) / PACKET_SAMPLES
  const died = gaps.filter(({ reason }) => reason === 'keeper-died').length
  // The service counts that loss by its clock, unless it was away itself.
  const known = !judged.struck.some(({ fault }) => fault.target === 'service')
  const most = counted + JITTER_PACKETS * gaps.length + (known ? 0 : died * HELD_PACKETS)
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

/** @returns numbers of packets that are missing and that are repeated, beyond what the PBX itself drops and repeats */
export function countSteps(packets: readonly NumberedPacket[]): { skipped: number; repeated: number } {
  let [skipped, repeated] = [0, 0]
  for (const [i, { n }] of packets.entries()) {
    const step = i === 0 ? 1 : n - packets[i - 1]!.n
    if (step > JITTER_PACKETS) skipped += step - 1
    if (step < 1 - JITTER_PACKETS) repeated += 1 - step
  }
  return { skipped, repeated }
}

/** A finished recording has what the caller said up to the end. */
function checkEnd(judged: JudgedCall, recording: OpenedRecording): Violation[] {
  const packets = recording.packets!.caller
  const released = eventsOf(judged, 'call.released')[0]
  if (recording.state !== 'finished' || !released || judged.record.withdrewAt !== undefined) return []
  const over = Math.min(judged.record.hungUpAt ?? Infinity, judged.record.caller.endedAt ?? Infinity)
  const last = packetsSentBy(judged.record, over) - END_PACKETS
  const end = packets.at(-1)?.n ?? 0
  const gap = eventsOf(judged, 'recording.gap').some(event => event['recording'] === recording.id)
  const talked = (over - msOf(released)) / 1_000
  if (gap || end >= last || talked < 1) return []
  return [
    {
      column: 'lost',
      what: `${name(recording)}: the last ${last - end} packets of the caller, and it says “finished”`,
    },
  ]
}
