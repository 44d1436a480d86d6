import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AppError } from '../../../core/errors.js'
import { words } from '../../../core/words.js'
import { childEnv } from '../../../lib/process/child-env.js'
import { type Check, type Fault, faultsOr, sound } from '../check.js'

const run = promisify(execFile)
/** Longest time in which a program reports its version, ms. On a busy machine ffmpeg takes some seconds. */
const LIMIT_MS = 10_000

/** The programs that the service starts. */
export const programs: Check = {
  name: 'programs',
  title: words('Programs', 'Программы'),
  async look(site) {
    const { ffmpeg } = site.config()
    const wanted = [
      { program: ffmpeg, args: ['-version'], setting: 'CONSENTRY_FFMPEG', from: 'ffmpeg' },
      { program: 'flock', args: ['--version'], setting: 'PATH', from: 'util-linux' },
      { program: 'mkfifo', args: ['--version'], setting: 'PATH', from: 'coreutils' },
    ]
    const missing = await Promise.all(
      wanted.map(async one => ((await starts(one.program, one.args)) ? [] : [lacks(one)])),
    )
    return faultsOr(missing.flat(), sound('All programs start.', 'Все программы запускаются.'))
  },
}

/** @throws AppError `tool.failed` if the program does not answer, so that the result is unknown */
async function starts(program: string, args: string[]): Promise<boolean> {
  try {
    await run(program, args, { timeout: LIMIT_MS, env: childEnv() })
    return true
  } catch (error) {
    if ((error as { killed?: boolean }).killed !== true) return false
    throw new AppError('tool.failed', `${program} has not said its version within ${LIMIT_MS / 1_000} s`)
  }
}

const lacks = ({ program, setting, from }: { program: string; setting: string; from: string }): Fault => ({
  found: words(`The program ${program} cannot be started.`, `Программа ${program} не запускается.`),
  setting,
  remedy: words(
    `Install ${from}, or name the program with its path.`,
    `Установите ${from} или укажите программу вместе с путём.`,
  ),
})
