import { mkdtemp, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SAMPLE_RATE } from '../../src/core/audio.js'
import { encodeG711, type G711 } from '../audio/g711.js'
import { concatSamples as concat, quietNoise } from '../audio/signals.js'
import { readWav } from '../audio/wav.js'
import { PACKET_SAMPLES } from '../media/rtp.js'

/** Length of the quiet noise that the agent repeats, ms. A minute makes seams rare, and takes 480 kB a codec. */
const QUIET_MS = 60_000

/** "Your call is now first in line and will be answered by the next available representative", 5.4 s. */
const SENTENCE = 'usr/share/asterisk/sounds/en_US_f_Allison/queue-youarenext.wav'

/** Names of the files: the agent's sentence, and the noise after it. */
const NAMES = ['agent-sentence', 'agent-quiet'] as const

/** @returns the agent's sentence, signed 16-bit samples */
export const agentSentence = (sounds: string): Promise<Int16Array> => readWav(join(sounds, SENTENCE))

/** Fills the last packet with quiet noise. A short last packet would be a gap in the stream. */
const wholePackets = (samples: Int16Array): Int16Array => {
  const missing = (PACKET_SAMPLES - (samples.length % PACKET_SAMPLES)) % PACKET_SAMPLES
  return concat(samples, quietNoise((missing * 1000) / SAMPLE_RATE))
}

/** Folder of the sounds, below the tool set. Increase the number if a change here changes the sounds. */
const KEPT = 'agent-sounds-1'
const CODECS = ['alaw', 'ulaw'] satisfies G711[]

/**
 * Puts the sounds of the lab's agent into a folder, in each codec that callers use. They are made once for all labs of
 * this machine.
 *
 * @param sounds folder of the tool set `sounds`
 * @returns paths without extension, for the dialplan
 */
export async function writeAgentSounds(
  sounds: string,
  dir: string,
): Promise<{ sentence: string; quiet: string }> {
  const made = await makeOnce(sounds)
  for (const name of NAMES) {
    for (const codec of CODECS) {
      const path = join(dir, `${name}.${codec}`)
      await rm(path, { force: true })
      await symlink(join(made, `${name}.${codec}`), path)
    }
  }
  const [sentence, quiet] = NAMES.map(name => join(dir, name)) as [string, string]
  return { sentence, quiet }
}

/** @returns the folder with the sounds in each codec */
async function makeOnce(sounds: string): Promise<string> {
  const folder = join(sounds, KEPT)
  if (await stat(folder).catch(() => undefined)) return folder
  const draft = await mkdtemp(`${folder}.`)
  const parts = [wholePackets(await agentSentence(sounds)), quietNoise(QUIET_MS)]
  for (const [i, samples] of parts.entries()) {
    for (const codec of CODECS)
      await writeFile(join(draft, `${NAMES[i]}.${codec}`), encodeG711(samples, codec))
  }
  // Another process may have made the folder meanwhile.
  await rename(draft, folder).catch(() => rm(draft, { recursive: true }))
  return folder
}
