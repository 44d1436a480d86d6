import { parseArgs } from 'node:util'
import pc from 'picocolors'
import { printJson } from '../../src/commands/command.js'
import type { Benchmark } from './support/benchmark.js'
import { halveProcessors } from './support/half-speed.js'
import { asTable } from './support/report.js'

/** Every benchmark. Its module is loaded when it runs. */
const benchmarks: Record<string, () => Promise<{ benchmark: Benchmark }>> = {
  calls: () => import('./calls/calls.js'),
  arrivals: () => import('./arrivals/arrivals.js'),
  capacity: () => import('./capacity/capacity.js'),
  memory: () => import('./memory/memory.js'),
  leaks: () => import('./leaks/leaks.js'),
  moves: () => import('./moves/moves.js'),
  bridges: () => import('./bridges/bridges.js'),
  'bridges-alternatives': () => import('./bridges/alternatives.js'),
  seal: () => import('./seal/seal.js'),
  recording: () => import('./recording/recording.js'),
  consent: () => import('./consent/consent.js'),
  find: () => import('./find/find.js'),
  journal: () => import('./journal/journal.js'),
  purge: () => import('./purge/purge.js'),
  console: () => import('./console/console.js'),
  voice: () => import('./voice/voice.js'),
  'console-calls': () => import('./console/console-calls.js'),
  'voice-calls': () => import('./voice/voice-calls.js'),
}

/**
 * `npm run bench -- NAME [--json] [--full] [--half] [--flame FILE] [--data DIR] [--engine NAME]`.
 *
 * @returns the exit code: 0 if every measure reaches its target, 1 if one does not, 2 for wrong arguments
 */
export async function main(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args) ?? { values: {}, positionals: [] }
  const [name = ''] = positionals
  const load = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined
  if (!load || positionals.length > 1) {
    process.stderr.write(
      `Usage: npm run bench -- ${Object.keys(benchmarks).join('|')} [--json] [--full] [--half] [--flame FILE.svg] [--data DIR] [--engine NAME]\n`,
    )
    return 2
  }
  const { benchmark } = await load()
  const tell = (line: string) => void process.stderr.write(`${pc.dim(`bench ${name}:`)} ${line}\n`)
  const wholeSpeed = values.half ? halveProcessors() : undefined
  const results = await benchmark({
    full: values.full === true,
    half: values.half === true,
    flame: values.flame,
    data: values.data,
    engine: values.engine,
    tell,
  })
  wholeSpeed?.()
  if (values.json) printJson({ name, results })
  else process.stdout.write(asTable(results))
  return results.every(({ ok }) => ok) ? 0 : 1
}

/** @returns undefined if an option is unknown, or has no value */
function readArguments(args: string[]) {
  const options = {
    json: { type: 'boolean' },
    full: { type: 'boolean' },
    half: { type: 'boolean' },
    flame: { type: 'string' },
    data: { type: 'string' },
    engine: { type: 'string' },
  } as const
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch {
    return undefined
  }
}
