import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '../../../../lab/tools/run-program.js'
import { countStacks, type Stacks } from './stacks.js'

/** Samples a second of each processor: no round number, so that nothing periodic keeps step with it. */
const HERTZ = 199
/** Of each stack so much is copied, bytes: Debian's Asterisk keeps no frame pointers, so it is unwound afterwards. */
const STACK_BYTES = 8_192

/** What was seen, on disk. */
export interface Recorded {
  /** Takes some seconds of processor time. @throws AppError `tool.failed` */
  stacks(): Promise<Stacks>
  remove(): Promise<void>
}

/**
 * Has `perf` look at what all processors do. Needs root and `perf` (Debian: `apt-get install linux-perf`).
 *
 * @param names of the processes that are meant
 * @throws AppError `tool.missing`, `tool.failed`
 */
export async function recordStacks(seconds: number, names: ReadonlyMap<number, string>): Promise<Recorded> {
  const dir = await mkdtemp(join(tmpdir(), 'consentry-flame-'))
  const data = join(dir, 'perf.data')
  const hint = 'Flame graphs need root and perf: apt-get install linux-perf.'
  const graph = ['--call-graph', `dwarf,${STACK_BYTES}`]
  await runProgram(
    'perf',
    ['record', '-q', '-a', '-F', `${HERTZ}`, ...graph, '-o', data, '--', 'sleep', `${seconds}`],
    hint,
  )
  return {
    async stacks() {
      const script = await runProgram(
        'perf',
        ['script', '-i', data, '-F', 'pid,ip,sym,dso', '--no-inline'],
        hint,
      )
      return countStacks(script, names)
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}
