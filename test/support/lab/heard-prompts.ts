import { execFile } from 'node:child_process'
import { fromPcm } from '../../../lab/audio/wav.js'
import type { Caller } from '../../../lab/caller.js'
import type { PhoneCodec } from '../../../lab/media/phone-codec.js'
import type { ReceivedPacket } from '../../../lab/media/received-audio.js'
import type { Sound } from '../../../src/lib/audio-formats/wav.js'
import { silenceAround } from '../../../src/prompts/audio/shape.js'
import { measureLoudness } from '../../../src/prompts/intake/make-master.js'
import { VARIANTS } from '../../../src/prompts/prompt-folder.js'
import { findClicks, removeOffset } from '../assertions/clicks.js'
import { ffmpeg } from '../processes/ffmpeg.js'

/** Length of a packet, ms. */
const PACKET_MS = 20
/** The last part of a prompt, in which it fades out, ms. */
const END_MS = 50

/** One prompt as a caller has heard it. */
export interface HeardPrompt {
  /** LUFS, by ffmpeg. */
  lufs: number
  /** Silence in the sound before its first word, ms: from its first packet on. */
  leadMs: number
  /** Arrival of its first and of its last packet, epoch ms. */
  firstAt: number
  lastAt: number
  /** Clicks in its last 50 ms. */
  clicks: number[]
  /** Highest sample. A burst at the beginning reaches full scale, 32768. */
  peak: number
}

/**
 * Cuts what a caller has received into the prompts that were played one after the other, and measures each.
 *
 * @param lengths length of each prompt, ms: whole packets
 */
export async function measurePrompts(
  { heard }: Caller,
  codec: PhoneCodec,
  lengths: readonly number[],
): Promise<HeardPrompt[]> {
  const sound = await decode(heard.packets, codec)
  const perPacket = (sound.rate * PACKET_MS) / 1_000
  const measured: HeardPrompt[] = []
  let packet = 0
  const { leadMs: added } = VARIANTS.find(({ extension }) => extension === codec)!
  for (const ms of lengths) {
    const packets = heard.packets.slice(packet, packet + (ms + added) / PACKET_MS)
    const from = packet * perPacket
    const samples = sound.samples.slice(from, from + packets.length * perPacket)
    const one = { rate: sound.rate, samples }
    measured.push({
      lufs: (await measureLoudness(ffmpeg, one)).lufs,
      leadMs: silenceAround(one).leadMs,
      firstAt: packets[0]!.at,
      lastAt: packets.at(-1)!.at,
      peak: samples.reduce((top, sample) => Math.max(top, Math.abs(sample)), 0),
      clicks: findClicks(removeOffset(samples.slice((-END_MS * sound.rate) / 1_000))),
    })
    packet += packets.length
  }
  return measured
}

/** The format of each codec's bytes, as ffmpeg names it. */
const FORMAT: Record<PhoneCodec, string[]> = {
  alaw: ['-f', 'alaw', '-ar', '8000', '-ac', '1'],
  ulaw: ['-f', 'mulaw', '-ar', '8000', '-ac', '1'],
  g722: ['-f', 'g722'],
}

/** Decodes the packets as a phone does, by ffmpeg: all of one call in one run, because G.722 keeps a state. */
function decode(packets: readonly ReceivedPacket[], codec: PhoneCodec): Promise<Sound> {
  const args = ['-v', 'error', ...FORMAT[codec], '-i', '-', '-c:a', 'pcm_s16le', '-f', 's16le', '-']
  return new Promise((resolve, reject) => {
    const options = { encoding: 'buffer', maxBuffer: 1 << 26 } as const
    const child = execFile(ffmpeg, args, options, (error, out) => {
      if (error) return reject(error)
      resolve({ rate: codec === 'g722' ? 16_000 : 8_000, samples: fromPcm(out) })
    })
    child.stdin!.end(Buffer.concat(packets.map(({ payload }) => payload)))
  })
}
