import type { Sound } from '../../lib/audio-formats/wav.js'
import { soundOf } from './decode.js'
import { runFfmpeg } from './run-ffmpeg.js'

/** Samples a second of a telephone. */
const RATE = 8_000
/** More than a master of 60 s has at 8 kHz. */
const MAX_BYTES = 2_000_000

/**
 * Makes a sound as a telephone passes it: 300 to 3400 Hz, coded by A-law (ITU-T G.711).
 *
 * @param wav a master
 * @throws AppError `tool.*`
 */
export async function telephoneSound(tool: string, wav: Buffer): Promise<Sound> {
  const { bytes: coded } = await runFfmpeg({
    ...{ tool, input: wav, maxBytes: MAX_BYTES },
    inputOptions: ['-f', 'wav', '-format_whitelist', 'wav'],
    output: command =>
      command
        .audioFilters(['highpass=f=300', `aresample=${RATE}`, 'lowpass=f=3400'])
        .audioCodec('pcm_alaw')
        .audioFrequency(RATE)
        .format('alaw'),
  })
  const { bytes } = await runFfmpeg({
    ...{ tool, input: coded, maxBytes: MAX_BYTES },
    inputOptions: ['-f', 'alaw', '-format_whitelist', 'alaw', '-ar', String(RATE)],
    output: command => command.audioCodec('pcm_s16le').audioFrequency(RATE).format('s16le'),
  })
  return { rate: RATE, samples: soundOf(bytes).samples }
}
