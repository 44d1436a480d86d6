import { readFile } from 'node:fs/promises'
import pc from 'picocolors'
import { saveLine } from '../policy/save-line.js'
import { validateLine } from '../policy/validate.js'
import { checkPurposes } from '../recording/check-setup.js'
import { AppError } from '../shared/errors.js'
import { checkPrompts } from './check-prompts.js'
import { type Command, printJson } from './command.js'
import { nested } from './nested.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Puts lines into force, or lists them',
  details: 'Reads the lines of a JSON file. Running calls are untouched.',
  example: 'line set lines.json',
  options: {},
  ...nested({
    set: { usage: 'FILE', run: (request, file) => set(file, request.json) },
    list: { usage: '', run: request => list(request.json) },
  }),
}

async function set(file: string, json: boolean): Promise<number> {
  const given = await read(file)
  const wanted: unknown[] = Array.isArray(given) ? given : [given]
  if (wanted.length === 0)
    throw new AppError(
      'policy.invalid',
      `There is no line in ${file}: give one as {…}, or several as [{…}, {…}].`,
    )
  // All or none: a fault in the last line must not be found when the first is in force.
  const lines = wanted.map(validateLine)
  await checkPrompts(lines)
  const saved = await withProject(async ({ config, db, ...stores }) => {
    for (const warning of checkPurposes(lines, { ...stores, recipients: config.recipients }))
      process.stderr.write(`${pc.yellow('consentry:')} ${warning}\n`)
    const saved = []
    for (const line of wanted) saved.push(await saveLine(db, line))
    return saved
  })
  if (json) printJson(saved)
  else
    for (const { number, version } of saved)
      process.stdout.write(`line ${number}: version ${version} is in force\n`)
  return 0
}

async function read(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new AppError('policy.invalid', `${file} cannot be read as JSON: ${(error as Error).message}`)
  }
}

async function list(json: boolean): Promise<number> {
  const lines = await withProject(({ db }) =>
    db
      .selectFrom('line')
      .select(['number', 'version', 'policy'])
      .where('active', '=', true)
      .orderBy('number')
      .execute(),
  )
  if (json)
    printJson(lines.map(({ number, version, policy }) => ({ number, version, ...(policy as object) })))
  else if (lines.length === 0) process.stdout.write('No lines yet: no call is asked or recorded.\n')
  else {
    const rows = lines.map(({ number, version, policy }) => {
      const { mode, language, purposes } = policy as {
        mode: string
        language: string
        purposes: { purpose: string }[]
      }
      return [number, String(version), language, mode, purposes.map(p => p.purpose).join(', ')]
    })
    process.stdout.write(table(['line', 'version', 'language', 'mode', 'purposes'], rows))
  }
  return 0
}
