import type { Lab } from '../../../lab/lab.js'
import type { ReadyPrompt } from '../../../src/core/ports.js'
import { createLog } from '../../../src/lib/log.js'
import { openPromptBook } from '../../../src/prompts/live-prompts.js'

/** The prompts that a caller hears who says yes on the lab's English line. */
export interface LabPrompts {
  disclosure: ReadyPrompt
  confirmation: ReadyPrompt
}

/** Reads the prompts as the lab's service plays them. */
export async function readLabPrompts({ env }: Lab): Promise<LabPrompts> {
  const { CONSENTRY_DATA: data, CONSENTRY_FFMPEG: ffmpeg } = env
  const book = await openPromptBook({ dir: `${data}/prompts`, ffmpeg: ffmpeg!, log: createLog('warn') })
  const [disclosure, confirmation] = await Promise.all(
    ['disclosure-key', 'granted'].map(name => book.ready('en', name)),
  )
  return { disclosure: disclosure!, confirmation: confirmation! }
}
