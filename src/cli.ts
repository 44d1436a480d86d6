import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import pc from 'picocolors'
import { type Command, UsageError } from './commands/command.js'
import { outputWritten, watchOutput, whyUnwritten } from './commands/standard-output.js'
import { version } from './process/project.js'
import { AppError } from './shared/errors.js'
import { nearestName } from './shared/nearest.js'

type Load = () => Promise<{ command: Command }>

/** Every verb, loaded when it is called, so that `--help` costs nothing. */
const commands: Record<string, Load> = {
  demo: ofLab(() => import('../lab/commands/demo.js')),
  lab: ofLab(() => import('../lab/commands/lab.js')),
  serve: () => import('./commands/serve.js'),
  migrate: () => import('./commands/migrate.js'),
  calls: () => import('./commands/calls.js'),
  call: () => import('./commands/call.js'),
  open: () => import('./commands/open.js'),
  log: () => import('./commands/log.js'),
  witness: () => import('./commands/witness.js'),
  verify: () => import('./commands/verify.js'),
  audit: () => import('./commands/audit.js'),
  receipt: () => import('./commands/receipt.js'),
  pause: () => import('./commands/pause.js'),
  resume: () => import('./commands/resume.js'),
  line: () => import('./commands/line.js'),
  purge: () => import('./commands/purge.js'),
  rights: () => import('./commands/rights.js'),
  hold: () => import('./commands/hold.js'),
  act: () => import('./commands/act.js'),
  incident: () => import('./commands/incident.js'),
  keygen: () => import('./commands/keygen.js'),
}

/** A verb of the lab, which is part of a checkout and not of an installation. */
function ofLab(load: Load): Load {
  return () =>
    load().catch(error => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
      return { command: withoutLab }
    })
}

const withoutLab: Command = {
  words: '',
  does: 'Runs in a checkout of the sources: this installation has no lab.',
  options: {},
  async run() {
    throw new UsageError('This installation has no lab. Run this verb in a checkout of the sources.')
  },
}

/**
 * The `consentry` command.
 * @param args what stands after `consentry` on the command line
 * @returns the exit code: 0 when what was asked holds, 1 when it does not, 2 when it was not understood
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
  const load = Object.hasOwn(commands, verb) ? commands[verb] : undefined
  if (!load) return help(verb)
  const { command } = await load()
  if (rest.includes('--help') || rest.includes('-h'))
    return say(`Usage: ${usage(verb, command)}\n\n${command.does}\n`)
  const { values, positionals } = parse(verb, command, rest)
  return command.run({ options: values, words: positionals, json: values['json'] === true })
}

function parse(verb: string, command: Command, args: string[]) {
  const options = { ...command.options, json: { type: 'boolean' as const } }
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nUsage: ${usage(verb, command)}`)
  }
}

const usage = (verb: string, { words }: Command) => `consentry ${verb} ${words}`.trim()

async function help(verb: string): Promise<number> {
  const asked = ['help', '--help', '-h'].includes(verb)
  const lines = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => {
      const { command } = await load()
      return `  ${pc.bold(`${name} ${command.words}`.trim())}\n      ${command.does}`
    }),
  )
  const text = `Usage: consentry VERB [options]\n\n${lines.join('\n')}\n\n--json prints one JSON document; logs go to standard error. The settings are environment variables: docs/operating.md.\n`
  if (asked) return say(text)
  const meant = nearestName(verb, Object.keys(commands))
  process.stderr.write(
    `consentry: there is no verb "${verb}".${meant ? ` Did you mean "${meant}"?` : ''}\n\n${text}`,
  )
  return 2
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}

function complain(error: unknown): void {
  process.stderr.write(`${pc.red('consentry:')} ${wordsOf(error)}\n`)
}

function wordsOf(error: unknown): string | undefined {
  if (error instanceof UsageError || error instanceof AppError) return error.message
  // What the system refuses (a file, a folder, a connection) needs no stack trace to be understood.
  const { message, stack, code } = error as NodeJS.ErrnoException
  return /^E[A-Z]+$/.test(String(code)) ? message || code : (stack ?? String(error))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
