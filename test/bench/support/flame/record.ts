import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '../../../../lab/tools/run-program.js'
import { countStacks, type Stacks } from './stacks.js'

/** Samples a second on each processor. Not a round number, so that periodic work does not coincide with it. */
const HERTZ = 199
/** Bytes of each stack that are copied. Debian's Asterisk has no frame pointers, so stacks are unwound afterwards. */
const STACK_BYTES = 8_192

/** Recorded stacks, on disk. */
export interface Recorded {
  /** Takes some seconds of processor time. @throws AppError `tool.failed` */
  stacks(): Promise<Stacks>
  remove(): Promise<void>
}

/**
 * Records the stacks on all processors with `perf`. Needs root and `perf` (Debian: `apt-get install linux-perf`).
 *
 * @param names name of each process that counts, by its id
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
