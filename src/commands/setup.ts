import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import pc from 'picocolors'
import { findSettings, readSecret, USUAL_SETTINGS_FILE } from '../config/settings-file.js'
import { AppError } from '../core/errors.js'
import type { WrittenLanguage } from '../core/policy.js'
import { Secret } from '../core/secret.js'
import { type Words, words } from '../core/words.js'
import { THIS_HOST } from '../lib/host/processes.js'
import { makeKeys, requirePurposes } from '../recordings/keys/make-keys.js'
import { type CheckName, isWrong } from '../site/check/check.js'
import { applyChange } from '../site/setup/apply.js'
import { RESTART_ASTERISK } from '../site/setup/asterisk-files.js'
import { type Change, commandOf, type StepPlan, withoutSecrets } from '../site/setup/change.js'
import type { Superuser } from '../site/setup/database.js'
import type { KeyChoice } from '../site/setup/keys.js'
import type { Machine } from '../site/setup/machine.js'
import { planSetup } from '../site/setup/plan.js'
import { type Kept, planRemoval } from '../site/setup/removal.js'
import { readSettings } from '../site/setup/settings.js'
import { localSuperuser, superuserAt } from '../site/setup/superuser.js'
import { diffLines } from '../site/setup/text-file.js'
import { checkLine, checkSummary } from './check-text.js'
import { type Command, noWords, print, type Request, text, texts, UsageError } from './command.js'
import { commandLanguage } from './language.js'

export const command: Command = {
  summary: 'Sets up the installation: Asterisk, database, keys, folders, settings, units',
  details:
    "It finds out what is there, shows each change as a difference, asks, carries it out, and checks the result. What is set already stays, so it may be run again. Asterisk is reloaded, never restarted. --dry-run only shows the changes. --yes asks nothing: then --database and --keys say what was asked. --database local: the PostgreSQL of this machine. --superuser FILE: the URL of another server's superuser is in this file, because a command line is visible to all. --keys FOLDER: the secret half is written there, on a disk that leaves this machine. --keys console: it is drawn in a browser. --remove undoes what it did, before the program is removed; recordings, keys, database and the dialplan's entry stay, and are listed with the commands that remove them. Exit code 1 if a check finds something wrong afterwards that the next start of Asterisk does not end.",
  usage: [
    '[--dry-run] [--yes] [--database local|embedded] [--superuser FILE] [--keys console|FOLDER] [--purpose PURPOSE]… [--lang ru|en]',
    '--remove [--dry-run] [--yes] [--lang ru|en]',
  ],
  example: 'setup --dry-run',
  options: {
    'dry-run': { type: 'boolean' },
    yes: { type: 'boolean' },
    remove: { type: 'boolean' },
    database: { type: 'string' },
    superuser: { type: 'string' },
    keys: { type: 'string' },
    purpose: { type: 'string', multiple: true },
    'asterisk-config': { type: 'string' },
    root: { type: 'string' },
    lang: { type: 'string' },
  },
  async run(request) {
    noWords(request)
    const language = commandLanguage(request)
    const machine = machineOf(request)
    const ask = request.options['yes'] === true || request.json ? undefined : askOnTerminal(language)
    try {
      const carryOut = request.options['remove'] === true ? remove : setUp
      return await carryOut(request, machine, language, ask)
    } finally {
      ask?.close()
    }
  },
}

async function setUp(
  request: Request,
  machine: Machine,
  language: WrittenLanguage,
  ask: Ask | undefined,
): Promise<number> {
  const superuser = await databaseFor(request, machine, ask)
  const keys = await keysFor(request, ask)
  const plan = await planSetup(machine, { superuser, keys })
  const changes = plan.flatMap(step => step.changes)
  const dry = request.options['dry-run'] === true
  print(request, planJson(plan), planText(plan, language))
  if (dry) return 0
  if (changes.length > 0 && ask && !(await ask.confirm(QUESTIONS.apply))) return 1
  for (const change of changes) await applyChange({ machine, superuser, drawKeys }, change)
  if (!request.json) process.stdout.write(todoText(plan, language))
  const pending = plan.some(({ todo }) => todo.includes(RESTART_ASTERISK)) ? ENDED_BY_RESTART : []
  return machine.isLive ? checkAfter(request, language, pending) : 0
}

/** Undoes what setup did. @returns the exit code */
async function remove(
  request: Request,
  machine: Machine,
  language: WrittenLanguage,
  ask: Ask | undefined,
): Promise<number> {
  const { steps, kept } = planRemoval(machine)
  const changes = steps.flatMap(step => step.changes)
  print(request, { ...planJson(steps), kept }, planText(steps, language))
  if (request.options['dry-run'] === true) return 0
  if (changes.length > 0 && ask && !(await ask.confirm(QUESTIONS.apply))) return 1
  for (const change of changes) await applyChange({ machine, superuser: undefined, drawKeys }, change)
  if (!request.json) process.stdout.write(`${todoText(steps, language)}${keptText(kept, language)}`)
  return 0
}

const drawKeys = (purposes: readonly string[], folder: string) => makeKeys(purposes, folder)

/** The faults of these checks may end with a restart of Asterisk. */
const ENDED_BY_RESTART: readonly CheckName[] = ['asterisk', 'memory', 'limits']

/**
 * Prints the findings of the checks. A service that was just started may still convert its prompts.
 *
 * @param pending checks whose faults the next start of Asterisk may end
 * @returns the exit code
 */
async function checkAfter(
  request: Request,
  language: WrittenLanguage,
  pending: readonly CheckName[],
): Promise<number> {
  const { checkAsOwner } = await import('../site/check/as-owner.js')
  const results = await checkAsOwner(findSettings(process.env, USUAL_SETTINGS_FILE), undefined, result => {
    if (!request.json) process.stdout.write(checkLine(result, language))
  })
  if (!request.json) process.stdout.write(checkSummary(results, language))
  const wrong = results.filter(isWrong)
  if (wrong.some(({ name }) => !pending.includes(name))) return 1
  if (wrong.length > 0 && !request.json)
    process.stdout.write(`${RESTART_ASTERISK[language]}\n${CHECK_AGAIN[language]}\n`)
  return 0
}

const CHECK_AGAIN = {
  en: 'That ends what was found. See afterwards: consentry check',
  ru: 'После этого найденное исчезнет. Проверьте потом: consentry check',
}

/** @throws UsageError; AppError `request.invalid` for a user who may not change the machine */
function machineOf(request: Request): Machine {
  const root = text(request, 'root')
  const asteriskConfig = text(request, 'asterisk-config') ?? '/etc/asterisk/asterisk.conf'
  if (root === undefined && process.geteuid?.() !== 0 && request.options['dry-run'] !== true)
    throw new AppError('request.invalid', 'Only root may change this machine: sudo consentry setup')
  const host = { ...THIS_HOST, root: root === undefined ? '/' : resolve(root) }
  return { host, asteriskConfig, isLive: root === undefined }
}

/** The superuser on whose server the database is; undefined for the embedded one. */
async function databaseFor(
  request: Request,
  machine: Machine,
  ask: Ask | undefined,
): Promise<Superuser | undefined> {
  const file = text(request, 'superuser')
  if (file !== undefined) return superuserAt(readUrl(file))
  const given = text(request, 'database') ?? (await knownOrAsked(machine, ask))
  if (given === 'embedded') return undefined
  if (given === 'local') return localSuperuser()
  throw new UsageError('--database is local or embedded; --superuser names another server')
}

/** @throws UsageError for a URL in place of a file; AppError `request.invalid` for a file without a URL */
function readUrl(file: string): Secret {
  if (IS_URL.test(file))
    throw new UsageError(
      '--superuser names a file with the URL in it: everybody on this machine sees a command line',
    )
  let url: string
  try {
    url = readSecret(file)
  } catch (error) {
    throw new AppError('request.invalid', `${file} cannot be read: ${(error as Error).message}`)
  }
  if (!IS_URL.test(url))
    throw new AppError('request.invalid', `${file} has no URL postgres://role:password@host:port/postgres`)
  return new Secret(url)
}

const IS_URL = /^postgres(ql)?:\/\/\S+@\S+$/

/** An installation that has its settings keeps its database. */
async function knownOrAsked(machine: Machine, ask: Ask | undefined): Promise<string> {
  const known = readSettings(machine)
  if (known['ARI_PASSWORD'] !== undefined && known['DATABASE_URL'] === undefined) return 'embedded'
  if (ask) return ask.choose(QUESTIONS.database, ['local', 'embedded'])
  return 'local'
}

async function keysFor(request: Request, ask: Ask | undefined): Promise<KeyChoice> {
  const purposes = texts(request, 'purpose')
  requirePurposes(purposes)
  const given = text(request, 'keys') ?? (ask ? await ask.line(QUESTIONS.keys, 'console') : 'console')
  if (given === 'console') return 'console'
  return { folder: resolve(given), purposes: purposes.length > 0 ? purposes : ['service'] }
}

/** The questions of `consentry setup`. */
const QUESTIONS = {
  database: words(
    'Which PostgreSQL: that of this machine (local), or one that runs with the service (embedded, for a trial)?',
    'Какой PostgreSQL: тот, что на этой машине (local), или встроенный в службу (embedded, для пробы)?',
  ),
  keys: words(
    'Who draws the keys: a browser (console), or this machine, with the secret half in the folder of a removable disk (its path)?',
    'Где создать ключи: в браузере (console) или здесь, с секретной половиной в папке съёмного диска (её путь)?',
  ),
  apply: words('Carry this out?', 'Выполнить?'),
}

/** Asks people on a terminal. */
interface Ask {
  /** @returns the typed text; `usual` for an empty line */
  line(question: Words, usual: string): Promise<string>
  /** Asks until one of the answers is typed. An empty line is the first one. */
  choose(question: Words, answers: readonly [string, ...string[]]): Promise<string>
  confirm(question: Words): Promise<boolean>
  close(): void
}

/** Reads answers from standard input, and asks on standard error. The end of the input is an empty line. */
function askOnTerminal(language: WrittenLanguage): Ask {
  const lines = createInterface({ input: process.stdin, terminal: false })
  // Unlike `question`, this keeps lines that arrive before they are asked for.
  const typed = lines[Symbol.asyncIterator]()
  const read = async (prompt: string): Promise<string> => {
    process.stderr.write(prompt)
    const { value, done } = await typed.next()
    return done ? '' : String(value).trim()
  }
  const line = async (question: Words, usual: string) =>
    (await read(`${question[language]} [${usual}] `)) || usual
  return {
    line,
    async choose(question, answers) {
      for (;;) {
        const answer = await line(question, answers[0])
        if (answers.includes(answer)) return answer
      }
    },
    async confirm(question) {
      const answer = await read(`${question[language]} ${language === 'ru' ? '[да/нет]' : '[yes/no]'} `)
      return /^(y|yes|д|да)$/i.test(answer)
    },
    close: () => lines.close(),
  }
}

const NOTHING = { en: 'Nothing has to change.', ru: 'Менять ничего не нужно.' }
const STAYS = { en: 'What stays:', ru: 'Что остаётся:' }
const TO_DO = { en: 'Left to you:', ru: 'Остаётся сделать:' }

/** The findings of each step, and its changes. It ends in a newline. */
function planText(plan: readonly StepPlan[], language: WrittenLanguage): string {
  const steps = plan.map(({ title, found, changes }) =>
    [
      pc.bold(title[language]),
      ...found.map(one => `  ${one[language]}`),
      ...changes.flatMap(change => changeLines(change, language).map(line => `  ${line}`)),
    ].join('\n'),
  )
  const none = plan.every(({ changes }) => changes.length === 0)
  return `${steps.join('\n')}\n${none ? `${pc.green(NOTHING[language])}\n` : ''}`
}

/** The remaining tasks of a person. Empty without tasks. */
function todoText(plan: readonly StepPlan[], language: WrittenLanguage): string {
  const todo = [...new Set(plan.flatMap(step => step.todo.map(one => one[language])))]
  return todo.length === 0 ? '' : `${pc.yellow(TO_DO[language])}\n${todo.map(one => `  ${one}\n`).join('')}`
}

/** The things that stay after a removal, with the commands that remove them. Empty if nothing stays. */
const keptText = (kept: readonly Kept[], language: WrittenLanguage): string =>
  kept.length === 0
    ? ''
    : `${pc.yellow(STAYS[language])}\n${kept.map(one => `  ${one.what[language]}\n    ${one.command}\n`).join('')}`

function changeLines(change: Change, language: WrittenLanguage): string[] {
  switch (change.do) {
    case 'write': {
      const { path, before, after, secrets } = change
      const shown = diffLines(withoutSecrets(before ?? '', secrets), withoutSecrets(after, secrets))
      return [
        pc.bold(`--- ${before === undefined ? '/dev/null' : path}`),
        pc.bold(`+++ ${path}`),
        ...shown.map(visible).map(paint),
      ]
    }
    case 'remove': {
      const { path, before, secrets } = change
      return [
        pc.bold(`--- ${path}`),
        pc.bold('+++ /dev/null'),
        ...diffLines(withoutSecrets(before, secrets), '').map(visible).map(paint),
      ]
    }
    case 'run':
    case 'console':
    case 'close':
      return [pc.cyan(`$ ${commandOf(change).map(quoted).join(' ')}`), pc.dim(`  ${change.why[language]}`)]
    case 'sql':
      return change.statements.map(one => pc.cyan(`sql> ${withoutSecrets(one, change.secrets)};`))
    case 'draw-keys':
      return [
        pc.cyan(`$ consentry keygen ${change.purposes.join(' ')} --dir ${change.folder}`),
        pc.green(`+++ ${change.recipients}`),
      ]
  }
}

/** A line without characters that command a terminal. Asterisk's user writes these files. */
const visible = (line: string): string => line.replace(/[^\P{Cc}\t]/gu, '\ufffd')

const paint = (line: string): string =>
  line.startsWith('+') ? pc.green(line) : line.startsWith('-') ? pc.red(line) : line

const quoted = (word: string): string => (/^[\w./:=@-]+$/.test(word) ? word : `'${word}'`)

/** The plan as a document, without secrets. */
const planJson = (plan: readonly StepPlan[]) => ({
  changes: plan.reduce((sum, { changes }) => sum + changes.length, 0),
  steps: plan.map(({ title, found, changes, todo }) => ({
    title,
    found,
    todo,
    changes: changes.map(changeJson),
  })),
})

function changeJson(change: Change) {
  if (change.do === 'write' || change.do === 'remove') {
    const { path, before = '', secrets } = change
    const after = change.do === 'write' ? change.after : ''
    const diff = diffLines(withoutSecrets(before, secrets), withoutSecrets(after, secrets))
    return { do: change.do, path, diff }
  }
  if (change.do === 'sql')
    return { do: change.do, statements: change.statements.map(one => withoutSecrets(one, change.secrets)) }
  if (change.do === 'draw-keys') return change
  return { do: 'run', command: commandOf(change), why: change.why }
}
