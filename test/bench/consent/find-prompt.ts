import type { ReceivedPacket } from '../../../lab/media/received-audio.js'
import { PACKET_SAMPLES } from '../../../lab/media/rtp.js'

/** Where a prompt lies in what a caller heard: arrival of its first and last packet, epoch ms. */
export interface HeardPrompt {
  firstAt: number
  lastAt: number
}

/** So much of a prompt's beginning tells it from every other, samples: 0.5 s. */
const BEGINNING_SAMPLES = 4_000
const SAMPLE_BYTES = 2

const bytesOf = (samples: Int16Array) =>
  Buffer.from(samples.buffer, samples.byteOffset, samples.length * SAMPLE_BYTES)

/**
 * Looks for a prompt sample by sample: nothing between its file and the caller changes it. A PBX may keep back what
 * does not fill a last packet, so the last packet is the last full one.
 *
 * @returns undefined if it was not heard from beginning to end
 */
export function findPrompt(packets: readonly ReceivedPacket[], prompt: Int16Array): HeardPrompt | undefined {
  const heard = Buffer.concat(packets.map(({ samples }) => bytesOf(samples)))
  const full = prompt.length - (prompt.length % PACKET_SAMPLES)
  const start = heard.indexOf(bytesOf(prompt.subarray(0, BEGINNING_SAMPLES)))
  if (start < 0) return undefined
  const whole = bytesOf(prompt.subarray(0, full))
  if (!heard.subarray(start, start + whole.length).equals(whole)) return undefined
  return {
    firstAt: arrivalOf(packets, start / SAMPLE_BYTES),
    lastAt: arrivalOf(packets, start / SAMPLE_BYTES + full - 1),
  }
}

function arrivalOf(packets: readonly ReceivedPacket[], sample: number): number {
  let end = 0
  for (const { at, samples } of packets) {
    end += samples.length
    if (sample < end) return at
  }
  throw new RangeError('beyond what was heard')
}
