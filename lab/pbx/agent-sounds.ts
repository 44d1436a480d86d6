import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SAMPLE_RATE } from '../../src/shared/audio.js'
import { encodeG711, type G711 } from '../audio/g711.js'
import { concatSamples as concat, quietNoise } from '../audio/signals.js'
import { readWav } from '../audio/wav.js'
import { PACKET_SAMPLES } from '../media/rtp.js'

/** Length of the quiet noise that the agent repeats, ms. A minute makes seams rare, and takes 480 kB a codec. */
const QUIET_MS = 60_000

/** "Your call is now first in line and will be answered by the next available representative", 5.4 s. */
const SENTENCE = 'usr/share/asterisk/sounds/en_US_f_Allison/queue-youarenext.wav'

/** @returns what the agent says, signed 16-bit samples */
export const agentSentence = (sounds: string): Promise<Int16Array> => readWav(join(sounds, SENTENCE))

/** Fills the last packet with quiet noise. A short last packet would be a gap in the stream. */
const wholePackets = (samples: Int16Array): Int16Array => {
  const missing = (PACKET_SAMPLES - (samples.length % PACKET_SAMPLES)) % PACKET_SAMPLES
  return concat(samples, quietNoise((missing * 1000) / SAMPLE_RATE))
}

/**
 * Writes the sounds of the lab's agent in each codec that callers use.
 *
 * @param sounds folder of the tool set `sounds`
 * @returns paths without extension, for the dialplan
 */
export async function writeAgentSounds(
  sounds: string,
  dir: string,
): Promise<{ sentence: string; quiet: string }> {
  const [sentence, quiet] = [join(dir, 'agent-sentence'), join(dir, 'agent-quiet')]
  const parts: [string, Int16Array][] = [
    [sentence, wholePackets(await agentSentence(sounds))],
    [quiet, quietNoise(QUIET_MS)],
  ]
  for (const [path, samples] of parts) {
    for (const codec of ['alaw', 'ulaw'] satisfies G711[]) {
      await writeFile(`${path}.${codec}`, encodeG711(samples, codec))
    }
  }
  return { sentence, quiet }
}
