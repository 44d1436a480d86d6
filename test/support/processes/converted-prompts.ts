import { cp } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createLog } from '../../../src/lib/log.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { openPromptBook } from '../../../src/prompts/live-prompts.js'

/**
 * Folder of the converted prompts that services of the tests share: to convert the shipped prompts takes four seconds of a processor.
 * A test of the first start leaves CONSENTRY_PROMPTS unset.
 */
export const PROMPTS = join(projectRoot(), '.cache', 'prompts')

/** Converts them, unless that was done. The runner does it before tests that need them, each of which would convert all of them. */
export const convertPrompts = (ffmpeg: string): Promise<unknown> =>
  openPromptBook({ dir: PROMPTS, ffmpeg, log: createLog('silent') })

/** Copies them but for this one, which is still to be converted. @param dir a folder that does not exist */
export const copyPromptsBut = (name: string, dir: string): Promise<void> =>
  cp(PROMPTS, dir, { recursive: true, filter: path => !basename(path).startsWith(`${name}-`) })
