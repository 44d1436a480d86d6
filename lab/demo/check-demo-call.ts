import { join } from 'node:path'
import type { Deps } from '../../src/accounts/deps.js'
import { SAMPLE_RATE } from '../../src/core/audio.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { withParts } from '../../src/recordings/open/find-parts.js'
import { decodeLegs } from '../../src/recordings/open/open-recording.js'
import { writeWav } from '../../src/recordings/open/write-wav.js'
import type { Identity } from '../../src/vault/crypto/types.js'
import { findSpeech } from '../audio/find-speech.js'
import { type DemoCall, recordedPurposes, type Voices } from './demo-calls.js'

/** One opened recording, with the sentences found on each side. */
export interface OpenedRecording {
  purpose: string
  file: string
  seconds: number
  complete: boolean
  left: string[]
  right: string[]
}

/** Opens every recording of a call, saves it as WAV, and searches each side for the known sentences. */
export async function openRecordings(
  project: Pick<Deps, 'db' | 'store' | 'keyStore'>,
  call: CallTimeline,
  identities: Identity[],
  voices: Voices,
  dir: string,
): Promise<OpenedRecording[]> {
  const opened: OpenedRecording[] = []
  for (const { id, purpose } of call.recordings) {
    const file = join(dir, `${call.line}-${purpose}-${id.slice(0, 8)}.wav`)
    const legs = await withParts(project, id, async parts => {
      await writeWav(parts, identities, file)
      return decodeLegs(parts, identities)
    })
    const said = (side: Int16Array) =>
      Object.entries(voices).flatMap(([who, words]) => (isSaid(side, words) ? [`the ${who}'s sentence`] : []))
    const { seconds, complete } = legs
    opened.push({ purpose, file, seconds, complete, left: said(legs.caller), right: said(legs.agent) })
  }
  return opened
}

/** A sentence is searched for in pieces of this length, samples. */
const PIECE_SAMPLES = SAMPLE_RATE
/** Share of the pieces that must be found. A busy machine may damage one or two. */
const MIN_FOUND_SHARE = 0.6

function isSaid(side: Int16Array, words: Int16Array): boolean {
  const pieces = Array.from({ length: Math.floor(words.length / PIECE_SAMPLES) }, (_, i) =>
    words.subarray(i * PIECE_SAMPLES, (i + 1) * PIECE_SAMPLES),
  )
  return pieces.filter(piece => findSpeech(side, piece)).length >= pieces.length * MIN_FOUND_SHARE
}

/** @returns the differences between a call and the expected one; empty if there are none */
export function findDifferences(demoCall: DemoCall, call: CallTimeline, opened: OpenedRecording[]): string[] {
  const answers = Object.fromEntries(call.purposes.map(({ purpose, answer }) => [purpose, answer]))
  const wanted = Object.entries(demoCall.answers)
  const recorded = recordedPurposes(demoCall)
  return [
    ...wanted
      .filter(([purpose, answer]) => answers[purpose] !== answer)
      .map(([purpose, answer]) => `${purpose} was answered ${answers[purpose]}, not ${answer}`),
    ...(String(opened.map(o => o.purpose)) === String(recorded)
      ? []
      : [`recorded for "${opened.map(o => o.purpose)}", not for "${recorded}"`]),
    ...opened.filter(o => !o.complete).map(o => `the recording for ${o.purpose} ends early`),
    ...opened
      .filter(o => String(o.left) !== "the caller's sentence")
      .map(o => `left of ${o.purpose}: ${o.left.join(', ') || 'no sentence'}`),
    ...opened
      .filter(o => String(o.right) !== "the agent's sentence")
      .map(o => `right of ${o.purpose}: ${o.right.join(', ') || 'no sentence'}`),
  ]
}
