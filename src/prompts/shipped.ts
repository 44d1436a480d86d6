import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../shared/errors.js'

/**
 * The folder of prompts that comes with Consentry: `prompts/` of the project, wherever this file was built to.
 *
 * @throws AppError `prompt.missing`
 */
export function shippedPrompts(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const prompts = join(folder, 'prompts')
    if (existsSync(join(prompts, 'manifest.json'))) return prompts
  }
  throw new AppError(
    'prompt.missing',
    'the folder prompts/ that comes with Consentry is gone: install it again',
  )
}
