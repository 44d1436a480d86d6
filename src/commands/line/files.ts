import { readFile } from 'node:fs/promises'
import pc from 'picocolors'
import { AppError } from '../../core/errors.js'
import { english } from '../../core/message.js'
import { counted } from '../../lib/plural.js'
import type { ChangedLines } from '../../lines/change-lines.js'
import type { ChangedGroup } from '../../lines/groups.js'
import { print, type Request, text, UsageError } from '../command.js'

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
  const { name, version, lines, warnings } = changed
  if (!request.json) printWarnings(warnings)
  return print(
    request,
    { ...changed, warnings: warnings.map(english) },
    `group ${name}: version ${version}, ${counted(lines.length, 'line is', 'lines are')} changed by it\n${linesText(lines)}`,
  )
}

/** Prints lines that were put into force. @returns the exit code */
export function report(request: Request, { lines, warnings }: ChangedLines): number {
  printWarnings(warnings)
  return print(request, lines, linesText(lines))
}

function printWarnings(warnings: ChangedLines['warnings']): void {
  for (const warning of warnings) process.stderr.write(`${pc.yellow('consentry:')} ${english(warning)}\n`)
}

const linesText = (lines: ChangedLines['lines']): string =>
  lines.map(({ number, version }) => `line ${number}: version ${version} is in force\n`).join('')
