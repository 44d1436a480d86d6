import { readFile } from 'node:fs/promises'
import pc from 'picocolors'
import type { ChangedLines } from '../../operations/lines/change-lines.js'
import { AppError } from '../../shared/errors.js'
import { printJson, type Request } from '../command.js'

/** Reads a file of JSON. @throws AppError `policy.invalid` */
export const readJson = (file: string): Promise<unknown> =>
  readFile(file, 'utf8')
    .then(text => JSON.parse(text) as unknown)
    .catch((error: Error) => {
      throw new AppError('policy.invalid', `${file} cannot be read as JSON: ${error.message}`)
    })

/** Prints lines that were put into force. @returns the exit code */
export function report({ json }: Request, { lines, warnings }: ChangedLines): number {
  for (const warning of warnings) process.stderr.write(`${pc.yellow('consentry:')} ${warning}\n`)
  if (json) printJson(lines)
  else
    for (const { number, version } of lines)
      process.stdout.write(`line ${number}: version ${version} is in force\n`)
  return 0
}
