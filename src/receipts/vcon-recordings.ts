import { SAMPLE_RATE } from '../core/audio.js'
import { eventOf, parseLeaf } from './leaf.js'
import type { Receipt } from './receipt.js'
import type { StatementPart, StatementRecording } from './recordings.js'
import { AGENT, CALL_DIALOG, CALLER } from './vcon-attachments.js'

/** The data about a part's audio in its events. */
interface PartAudio {
  /** Moment of the sample `beganSample`, ms since the epoch. */
  beganAt: number
  beganSample: number
  /** Start of the leg that begins earlier, in samples since the tap began. */
  firstSample: number
  /** SHA-512 of the container's first `bytes` bytes, hex. */
  hash512?: string | undefined
}

/** The recordings of a call, one dialog of a vCon for each part. */
export function recordingDialogs({ statement, events }: Receipt) {
  const audio = audioOfParts(events.map(({ leaf }) => parseLeaf(leaf)))
  return statement.recordings.flatMap(recording =>
    recording.parts.map(part => recordingDialog(recording, part, audio.get(part.part)!)),
  )
}

function audioOfParts(leaves: ReturnType<typeof parseLeaf>[]): Map<string, PartAudio> {
  const parts = new Map<string, PartAudio>()
  const change = (part: string, more: Partial<PartAudio>) => Object.assign(parts.get(part) ?? {}, more)
  for (const leaf of leaves) {
    if (leaf.type === 'recording.part-started') {
      const { part, beganAt, firstSample } = eventOf<'recording.part-started'>(leaf).data
      parts.set(part, { beganAt: Date.parse(beganAt), beganSample: firstSample, firstSample })
    } else if (leaf.type === 'recording.progress') {
      const { part, hash512 } = eventOf<'recording.progress'>(leaf).data
      change(part, { hash512 })
    } else if (leaf.type === 'recording.part-ended') {
      const { part, hash512, firstSample } = eventOf<'recording.part-ended'>(leaf).data
      change(part, { hash512, firstSample })
    }
  }
  return parts
}

function recordingDialog({ keeps }: StatementRecording, part: StatementPart, audio: PartAudio) {
  const hashes = [token('sha512', audio.hash512), token('sha256', part.sha256)].filter(
    one => one !== undefined,
  )
  return {
    type: 'recording',
    ...spanOf(part, audio),
    // One participant for each channel. A recording of an answer's words has none on the agent's channel.
    parties: [CALLER, keeps === undefined ? AGENT : null],
    recording_set: CALL_DIALOG,
    mediatype: 'application/octet-stream',
    filename: `${part.part}.ctry`,
    content_hash: hashes,
  }
}

/** Start and duration of a part's audio. */
function spanOf({ samples }: StatementPart, { beganAt, beganSample, firstSample }: PartAudio) {
  const start = beganAt - ((beganSample - firstSample) * 1_000) / SAMPLE_RATE
  const duration = samples === undefined ? {} : { duration: (samples - firstSample) / SAMPLE_RATE }
  return { start: new Date(start).toISOString(), ...duration }
}

/** A hash as draft-ietf-vcon-vcon-core writes it. Undefined without a hash. */
const token = (algorithm: string, hex: string | undefined): string | undefined =>
  hex === undefined ? undefined : `${algorithm}-${Buffer.from(hex, 'hex').toString('base64url')}`
