import { statSync } from 'node:fs'
import pc from 'picocolors'
import { AppError, codeOf } from '../core/errors.js'
import { changeLines, checkLines, listLines } from '../lines/change-lines.js'
import {
  describeDifferences,
  type LineVersion,
  listVersions,
  restoreVersion,
} from '../lines/line-versions.js'
import { replayLine, replayNumber } from '../lines/replay-line.js'
import { type CallerMet, type LineTrial, type TryCaller, tryLine, tryNumber } from '../lines/try-line.js'
import { actor, byOption } from './actor.js'
import { type Command, print, type Request, text, UsageError } from './command.js'
import { draftOptions, draftVerbs } from './line/draft-verbs.js'
import { readJson, report } from './line/files.js'
import { groupVerbs } from './line/group-verbs.js'
import { proposalOptions } from './line/proposal-verbs.js'
import { replayText } from './line/replay-text.js'
import { nested } from './nested.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Tries lines, puts them into force, or lists them',
  details: 'Running calls are untouched. Each step of a draft names the revision that you have seen.',
  example: 'line set lines.json',
  options: {
    version: { type: 'string' },
    of: { type: 'string' },
    'dry-run': { type: 'boolean' },
    'without-approval': { type: 'boolean' },
    ...draftOptions,
    ...proposalOptions,
    ...byOption,
  },
  ...nested({
    set: {
      does: 'Puts one line, or an array of lines, into force',
      usage: 'FILE [--without-approval] [--by NAME]',
      run: set,
    },
    try: {
      does: 'Shows what callers would meet',
      usage: 'FILE|NUMBER',
      run: tryOut,
    },
    replay: {
      does: 'Shows what the latest 1,000 calls would have met. --of: the calls of another number',
      usage: 'FILE|NUMBER [--of NUMBER]',
      run: replay,
    },
    list: { does: 'Lists the lines in force', usage: '', run: list },
    versions: {
      does: 'Lists the versions of a line, and what each changed',
      usage: 'NUMBER',
      run: versions,
    },
    restore: {
      does: 'Puts an earlier version into force again',
      usage: 'NUMBER --version N [--without-approval] [--by NAME]',
      run: restore,
    },
    ...draftVerbs,
    ...groupVerbs,
  }),
}

async function set(request: Request, file: string): Promise<number> {
  const input = await read(file)
  // A fault in the file is reported without a database.
  checkLines(input)
  const by = actor(request)
  const withoutApproval = request.options['without-approval'] === true
  return report(request, await withProject(project => changeLines(project, by, input, { withoutApproval })))
}

async function tryOut(request: Request, word: string): Promise<number> {
  const isFile = statSync(word, { throwIfNoEntry: false })?.isFile() === true
  const trial = isFile
    ? await tryInput(await read(word))
    : await withProject(project => tryNumber(project, word))
  return print(request, trial, trialText(trial))
}

async function replay(request: Request, word: string): Promise<number> {
  const isFile = statSync(word, { throwIfNoEntry: false })?.isFile() === true
  const of = text(request, 'of')
  if (!isFile && /[./]/.test(word)) throw new AppError('policy.invalid', `There is no file ${word}.`)
  if (of !== undefined && !isFile) throw new UsageError('--of NUMBER goes with a file')
  const input = isFile ? await readJson(word) : undefined
  const replayed = await withProject(project =>
    isFile ? replayLine(project, { input, of }) : replayNumber(project, word),
  )
  return print(request, replayed, replayText(replayed))
}

/** Tries a line on the published prompts; without a database, on the shipped ones. */
async function tryInput(input: unknown): Promise<LineTrial> {
  checkLines(input)
  return withProject(({ db }) => tryLine(input, db)).catch((error: unknown) => {
    if (codeOf(error) !== 'config.invalid') throw error
    return tryLine(input)
  })
}

/** Reads a file of lines. @throws AppError `policy.invalid` */
async function read(file: string): Promise<unknown> {
  const input = await readJson(file)
  if (Array.isArray(input) && input.length === 0)
    throw new AppError(
      'policy.invalid',
      `There is no line in ${file}: give one as {…}, or several as [{…}, {…}].`,
    )
  return input
}

async function list(request: Request): Promise<number> {
  const lines = await withProject(listLines)
  const rows = lines.map(({ number, version, language, mode, purposes }) => [
    ...[number, String(version), language, mode],
    purposes.map(({ purpose }) => purpose).join(', '),
  ])
  const head = ['line', 'version', 'language', 'mode', 'purposes']
  return print(request, lines, table(head, rows, 'No lines yet: no call is asked or recorded.'))
}

async function versions(request: Request, number: string): Promise<number> {
  const found = await withProject(project => listVersions(project, number))
  return print(request, found, table(['version', 'made', 'by', 'changes'], found.map(versionRow)))
}

const versionRow = ({ version, at, by, approvedBy, inForce, changes }: LineVersion): string[] => [
  inForce ? pc.bold(`${version} (in force)`) : String(version),
  at,
  `${by ?? ''}${approvedBy ? `, approved by ${approvedBy}` : ''}`,
  describeDifferences(changes, 'en').join('\n'),
]

async function restore(request: Request, number: string): Promise<number> {
  const version = Number(text(request, 'version'))
  if (!Number.isInteger(version)) throw new UsageError('say which version: --version N')
  const by = actor(request)
  const withoutApproval = request.options['without-approval'] === true
  const wanted = { number, version, withoutApproval }
  return report(request, await withProject(project => restoreVersion(project, by, wanted)))
}

/** After a longer wait for an agent without a prompt, callers give up or complain, ms. */
const LONG_WAIT_MS = 25_000

const HEAD = ['caller', 'decision', 'recorded', 'prompts', 'leaves after']

/** A table of the callers' results on a line, for a terminal. */
function trialText({ line, callers }: LineTrial): string {
  if (line.mode === 'none')
    return 'Callers of this line are neither asked nor recorded: they go on in the dialplan at once.\n'
  const rows = callers.map(met => [
    deed(met.caller, line.keys),
    met.decision ?? '',
    met.recorded.join('\n') || '–',
    String(met.heard.length),
    left(met),
  ])
  const silent = callers.find(({ caller }) => caller === 'silent')?.leftAt ?? 0
  const warning =
    silent > LONG_WAIT_MS
      ? pc.yellow(`Who says nothing waits ${seconds(silent)}: shorten the prompts, waitMs or retries.\n`)
      : ''
  return `${table(HEAD, rows)}${warning}`
}

function deed(caller: TryCaller, { yes, no, withdraw }: LineTrial['line']['keys']): string {
  const deeds: Record<TryCaller, string> = {
    'yes-at-once': `presses ${yes} at once`,
    'yes-after-question': `hears all, then presses ${yes}`,
    'no-at-once': `presses ${no} at once`,
    'no-after-question': `hears all, then presses ${no}`,
    silent: 'says nothing',
    'wrong-key': 'presses a wrong key',
    'hangs-up': 'hangs up',
    'prompt-fails': 'a prompt breaks off',
    withdraws: `presses ${yes}, later ${withdraw}`,
    'says-yes': 'says yes',
    'says-yes-and-presses': `says yes, then presses ${yes}`,
    'says-no': 'says no',
    'says-weak': 'says okay',
    'says-unclear': 'says something unclear',
  }
  return deeds[caller]
}

const left = ({ leftAt, next }: CallerMet): string => {
  if (leftAt === null) return '–'
  return next === 'continue' ? seconds(leftAt) : `${seconds(leftAt)}, ${next}`
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
