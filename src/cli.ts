import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import pc from 'picocolors'
import { type Command, UsageError } from './commands/command.js'
import { outputWritten, watchOutput, whyUnwritten } from './commands/standard-output.js'
import { AppError } from './core/errors.js'
import { errorMark } from './lib/log.js'
import { nearestName } from './lib/nearest.js'
import { version } from './lib/process/project.js'

type Load = () => Promise<{ command: Command }>

/** Every verb by who uses it. A verb is loaded when it is called. */
export const groups: Record<string, Record<string, Load>> = {
  'Try it': {
    demo: ofLab(() => import('../lab/commands/demo.js')),
    lab: ofLab(() => import('../lab/commands/lab.js')),
  },
  'Run it (operator)': {
    serve: () => import('./commands/serve.js'),
    console: () => import('./commands/console.js'),
    token: () => import('./commands/token.js'),
    user: () => import('./commands/user.js'),
    rules: () => import('./commands/rules.js'),
    company: () => import('./commands/company.js'),
    pbx: () => import('./commands/pbx.js'),
    setup: () => import('./commands/setup.js'),
    check: () => import('./commands/check.js'),
    probe: () => import('./commands/probe.js'),
    migrate: () => import('./commands/migrate.js'),
    line: () => import('./commands/line.js'),
    prompt: () => import('./commands/prompt.js'),
    listen: () => import('./commands/listen.js'),
    voice: () => import('./commands/voice.js'),
    keygen: () => import('./commands/keygen.js'),
    audit: () => import('./commands/audit.js'),
    log: () => import('./commands/log.js'),
    witness: () => import('./commands/witness.js'),
  },
  'Calls and recordings (contact centre)': {
    calls: () => import('./commands/calls.js'),
    call: () => import('./commands/call.js'),
    open: () => import('./commands/open.js'),
    verify: () => import('./commands/verify.js'),
    receipt: () => import('./commands/receipt.js'),
    pause: async () => ({ command: (await import('./commands/order-call.js')).pause }),
    resume: async () => ({ command: (await import('./commands/order-call.js')).resume }),
  },
  'Keep, destroy, answer (data protection)': {
    purge: () => import('./commands/purge.js'),
    hold: () => import('./commands/hold.js'),
    act: () => import('./commands/act.js'),
    rights: () => import('./commands/rights.js'),
    incident: () => import('./commands/incident.js'),
  },
}

const commands: Record<string, Load> = Object.assign({}, ...Object.values(groups))

/** A verb of the lab, which is part of a checkout and not of an installation. */
function ofLab(load: Load): Load {
  return () =>
    load().catch(error => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
      return { command: withoutLab }
    })
}

const withoutLab: Command = {
  summary: 'Runs in a checkout of the sources: this installation has no lab',
  usage: [''],
  example: 'demo',
  options: {},
  async run() {
    throw new UsageError('This installation has no lab. Run this verb in a checkout of the sources.')
  },
}

/**
 * The `consentry` command.
 * @param args the arguments after `consentry` on the command line
 * @returns the exit code: 0 if the result is positive, 1 if it is negative or the request was refused, 2 if the command
 *   line was not understood
 */
export async function main(args: string[]): Promise<number> {
  const output = watchOutput()
  const { code, error } = await carryOut(args).then(
    code => ({ code, error: undefined }),
    (error: unknown) => ({ code: error instanceof UsageError ? 2 : 1, error }),
  )
  await outputWritten()
  if (error !== undefined && error !== output.failure) complain(error)
  const unwritten = whyUnwritten(output)
  if (unwritten === undefined) return code
  process.stderr.write(`${pc.red('consentry:')} ${unwritten}\n`)
  return code || 1
}

async function carryOut(args: string[]): Promise<number> {
  const [verb = 'help', ...rest] = args
  if (verb === '--version') return say(`${version}\n`)
  if (['help', '--help', '-h'].includes(verb))
    return rest[0] === undefined ? overview() : help(rest[0], rest[1])
  const load = find(verb)
  if (!load) return unknown(verb)
  if (rest.includes('--help') || rest.includes('-h')) return help(verb)
  const { command } = await load()
  const { values, positionals } = parse(verb, command, rest)
  return command.run({ options: values, words: positionals, json: values['json'] === true })
}

const find = (verb: string): Load | undefined => (Object.hasOwn(commands, verb) ? commands[verb] : undefined)

function parse(verb: string, command: Command, args: string[]) {
  const options = { ...command.options, json: { type: 'boolean' as const } }
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nUsage: ${usage(verb, command)}`)
  }
}

const usage = (verb: string, command: Command): string =>
  command.usage.map(words => `consentry ${verb} ${words}`.trim()).join('\n       ')

/** All verbs, on one screen. */
async function overview(): Promise<number> {
  const width = Math.max(...Object.keys(commands).map(({ length }) => length))
  const sections = Object.entries(groups).map(async ([title, verbs]) => {
    const lines = Object.entries(verbs).map(async ([verb, load]) => {
      const { command } = await load()
      return `  ${pc.bold(verb.padEnd(width))}  ${command.summary}`
    })
    return [title, ...(await Promise.all(lines))].join('\n')
  })
  const text = (await Promise.all(sections)).join('\n')
  return say(
    `Usage: consentry VERB [options]      more: consentry help VERB\n--json prints one JSON document. Settings are environment variables: docs/configure.md\n${text}\n`,
  )
}

/** One verb, on one screen. @param word shows only the verbs below it that begin with this word, with their effects */
async function help(verb: string, word?: string): Promise<number> {
  const load = find(verb)
  if (!load) return unknown(verb)
  const { command } = await load()
  const below = command.below?.filter(one => one.usage.split(' ')[0] === word) ?? []
  if (below.length > 0)
    return say(below.map(one => `consentry ${verb} ${one.usage}\n${indent(wrap(`${one.does}.`))}\n`).join(''))
  const { summary, details, example } = command
  const about = [`${summary}.`, ...(details ? [details] : [])].map(text => wrap(text)).join('\n\n')
  return say(`Usage: ${usage(verb, command)}\n\n${about}\n\nExample: consentry ${example}\n`)
}

const indent = (text: string): string => text.replaceAll(/^/gm, '    ')

/** Longest line of running text on a terminal, characters. */
const LINE = 100

/** Breaks a text into lines at its blanks. */
function wrap(text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!
    if (last !== '' && last.length + word.length >= LINE) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.join('\n')
}

function unknown(verb: string): number {
  const meant = nearestName(verb, Object.keys(commands))
  process.stderr.write(`consentry: there is no verb "${verb}".\n`)
  if (meant) process.stderr.write(`Did you mean "${meant}"?\n`)
  process.stderr.write('All verbs: consentry help\n')
  return 2
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}

function complain(error: unknown): void {
  process.stderr.write(`${errorMark()}${pc.red('consentry:')} ${wordsOf(error)}\n`)
}

function wordsOf(error: unknown): string | undefined {
  if (error instanceof UsageError || error instanceof AppError) return error.message
  // A refusal by the system (of a file, a folder, a connection) needs no stack trace.
  const { message, stack, code } = error as NodeJS.ErrnoException
  return /^E[A-Z]+$/.test(String(code)) ? message || code : (stack ?? String(error))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
