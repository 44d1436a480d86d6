import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../src/core/errors.js'

/**
 * Replaces each `{{name}}` of a configuration template by its value.
 *
 * @throws AppError `config.invalid` for a name without a value
 */
export function fillIn(template: string, values: Record<string, string | number>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined)
      throw new AppError('config.invalid', `a lab template asks for the unknown ${name}`)
    return String(value)
  })
}

/** Fills in every template of a folder and writes it to another folder under the same name. */
export async function renderFolder(from: string, to: string, values: Record<string, string | number>) {
  for (const name of await readdir(from)) {
    await writeFile(join(to, name), fillIn(await readFile(join(from, name), 'utf8'), values))
  }
}
