import { join } from 'node:path'
import { readWav } from '../audio/wav.js'
import { agentSentence } from '../pbx/agent-sounds.js'
import { prepareTools, type ToolOptions } from '../tools/prepare-tools.js'
import type { Voices } from './demo-calls.js'

/** The sentence of the lab's callers for the agent: a person's voice, from the sound package. */
const CALLER_WORDS = 'usr/share/asterisk/sounds/en_US_f_Allison/demo-thanks.wav'

/** Reads the sentences that caller and agent say. @throws AppError `tool.missing`, `tool.failed` */
export async function readVoices(options: ToolOptions = {}): Promise<Voices> {
  const { sounds } = await prepareTools(['sounds'], options)
  return { agent: await agentSentence(sounds), caller: await readWav(join(sounds, CALLER_WORDS)) }
}
