import type { Test } from 'tap'
import { rmsDbfs } from '../../../lab/audio/levels.js'
import { tone } from '../../../lab/audio/signals.js'
import { SAMPLE_RATE } from '../../../src/core/audio.js'
import { isHeard } from '../assertions/heard-words.js'
import type { CallLab } from './call-lab.js'
import { countEvents, dialAndGrant, firstEvent, timelineAfter } from './fault-lab.js'
import type { PlacedCall } from './placed-call.js'

/** The caller's tone, Hz. Nothing else in a call has it. */
const VOICE_HZ = 440
const VOICE_MS = 40_000
/** The tone must be louder than this, dBFS, in at least this share of all seconds. */
const VOICE_DBFS = -30
const VOICED = 0.8
/** Audio that may be missing at the start and the end of a tap, s. */
const EDGES_S = 0.7
/** How late a busy machine may journal a recording's beginning and end, s. A lost block would be 4.1 s. */
const LATE_S = 2

/** Places a recorded call to line 301 whose caller sends a tone without pause. Resolves when its first audio is on disk. */
export async function startTalk(site: CallLab, voiceMs = VOICE_MS): Promise<PlacedCall> {
  const call = await dialAndGrant(site, '301')
  void call.caller.say(tone([VOICE_HZ], voiceMs))
  await call.waitForEvent('recording.part-started')
  return call
}

/**
 * Ends a talk if it is not over. Asserts that it is one recording with every sample of both sides in its place.
 *
 * @param closed whether all parts have their totals; only a killed service leaves a part without
 */
export async function assertTalkComplete(
  t: Test,
  site: CallLab,
  call: PlacedCall,
  { parts, closed }: { parts: number; closed: boolean },
): Promise<void> {
  await call.caller.hangup()
  const journal = await timelineAfter(call, 'recording.finished')
  t.equal(countEvents(journal, 'recording.part-started'), parts, 'parts of the recording')
  t.equal(countEvents(journal, 'recording.gap'), 0, 'gaps in the recording')
  t.match(journal.recordings, [{ state: 'finished' }])
  const { caller, agent, complete, seconds } = await site.open(journal.recordings[0]!.id)
  t.ok(complete, 'all parts join, and the last has its totals')
  const ended = countEvents(journal, 'recording.part-ended')
  t.equal(ended === parts, closed, 'only a killed service leaves a part without its totals')
  const talked =
    (Date.parse(firstEvent(journal, 'recording.finished')!.at) -
      Date.parse(firstEvent(journal, 'call.released')!.at)) /
    1_000
  t.ok(seconds > talked - LATE_S, `${seconds} s of ${talked} s are there`)
  for (const side of [caller, agent]) {
    // No a-law byte decodes to 0, so a 0 is a sample that no part has.
    const missing = side
      .slice(0, Math.floor((seconds - EDGES_S) * SAMPLE_RATE))
      .filter(sample => sample === 0)
    t.equal(missing.length, 0, 'no sample is missing')
  }
  t.ok(isHeard(agent, site.sentence), 'the agent is on the right')
  // On a busy machine the phone in the test's process may be silent for a time, which the PBX fills.
  const levels = Array.from({ length: Math.max(0, Math.ceil(seconds - 3)) }, (_, i) =>
    Math.round(rmsDbfs(caller.subarray((i + 2) * SAMPLE_RATE, (i + 3) * SAMPLE_RATE))),
  )
  const voiced = levels.filter(level => level > VOICE_DBFS).length
  t.ok(voiced >= VOICED * levels.length, `the caller is on the left, second by second: ${levels} dB`)
}
