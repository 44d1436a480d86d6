import { readFile } from 'node:fs/promises'
import pc from 'picocolors'
import { AppError } from '../../core/errors.js'
import { english } from '../../core/message.js'
import { counted } from '../../lib/plural.js'
import type { ChangedLines } from '../../lines/change-lines.js'
import type { ChangedGroup } from '../../lines/groups.js'
import { printJson, type Request, text, UsageError } from '../command.js'

/** Reads a file of JSON. @throws AppError `policy.invalid` */
export const readJson = (file: string): Promise<unknown> =>
  readFile(file, 'utf8')
    .then(text => JSON.parse(text) as unknown)
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new AppError('policy.invalid', `There is no file ${file}.`)
      throw new AppError('policy.invalid', `${file} cannot be read as JSON: ${error.message}`)
    })

/** The fields of a group, from the file that was given. @throws UsageError if none was; AppError `policy.invalid` */
export async function readFields(request: Request): Promise<unknown> {
  const file = text(request, 'file')
  if (!file) throw new UsageError('say which file has the fields: --file FILE')
  return readJson(file)
}

/** Requires the reason of a rejection. @throws UsageError if it is missing */
export function reasonIn(request: Request): string {
  const comment = text(request, 'comment')
  if (comment !== undefined) return comment
  throw new UsageError('say why: --comment TEXT')
}

/** Prints a group that was changed, and the lines that this changed. @returns the exit code */
export function printChanged(request: Request, changed: ChangedGroup): number {
  if (request.json) {
    printJson({ ...changed, warnings: changed.warnings.map(english) })
    return 0
  }
  const { name, version, lines } = changed
  process.stdout.write(
    `group ${name}: version ${version}, ${counted(lines.length, 'line is', 'lines are')} changed by it\n`,
  )
  return report(request, changed)
}

/** Prints lines that were put into force. @returns the exit code */
export function report({ json }: Request, { lines, warnings }: ChangedLines): number {
  for (const warning of warnings) process.stderr.write(`${pc.yellow('consentry:')} ${english(warning)}\n`)
  if (json) printJson(lines)
  else
    for (const { number, version } of lines)
      process.stdout.write(`line ${number}: version ${version} is in force\n`)
  return 0
}
