import type { ReceivedPacket } from '../../../lab/media/received-audio.js'
import { PACKET_SAMPLES } from '../../../lab/media/rtp.js'

/** Arrival of the first and last packet of a prompt, epoch ms. */
export interface HeardPrompt {
  firstAt: number
  lastAt: number
}

/** Length of a prompt's beginning that no other prompt shares, samples: 0.5 s. */
const BEGINNING_SAMPLES = 4_000
const SAMPLE_BYTES = 2

const bytesOf = (samples: Int16Array) =>
  Buffer.from(samples.buffer, samples.byteOffset, samples.length * SAMPLE_BYTES)

/**
 * Finds a prompt sample by sample: nothing between its file and the caller changes it. A PBX may drop an incomplete last packet,
 * so the last full packet counts as the end.
 *
 * @returns undefined if the complete prompt was not heard
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
  throw new RangeError('the sample was not received')
}
