import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isAlone } from './heads.js'
import { runFile } from './run-file.js'
import { splitFiles } from './split-files.js'

/** How many files of a folder run in one process: enough that its start costs little, and few enough that no lane waits for the last process. */
const MOST = { unit: 16, service: 6 }
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'together.js')

/**
 * Groups files whose tests need no process of their own: to start one and to load `tap` and the program takes longer than most of them.
 *
 * @param {string[]} tests paths below the folder of tests, all in one folder of it
 * @param {(path: string) => string} readSource gives the text of a test
 * @param {boolean} isLong the long form of each test is alone
 * @returns {string[][]}
 */
export function groupTests(tests, readSource, isLong = false) {
  const most = isLong ? 1 : (MOST[tests[0]?.split('/')[0]] ?? 1)
  const needsOwn = path => isAlone(readSource(path))
  const together = tests.filter(path => !needsOwn(path))
  const groups = tests.filter(needsOwn).map(path => [path])
  for (let i = 0; i < together.length; i += most) groups.push(together.slice(i, i + most))
  return groups
}

/**
 * Runs test files one after the other in one process. A file that ends the process fails, and those after it get another one.
 *
 * @param {string[]} files
 * @param {{cwd: string, env?: object, niceness?: number, limit?: number, lastWords?: number}} options as `runFile` takes them
 * @param {(run: object) => void} tell is called with what came of each file, as `runFile` gives it
 */
export async function runTogether(files, options, tell) {
  for (let left = files; left.length > 0; ) {
    if (left.length === 1) return tell(await runFile(left[0], options))
    const run = await runFile(relative(options.cwd, PROGRAM), {
      ...options,
      nodeOptions: ['--conditions', 'together'],
      parameters: left,
    })
    const split = splitFiles(left, run)
    if (split.runs.length === 0) {
      const ended = run.ended || 'its process ran no file'
      for (const file of left) tell({ ...run, file, ended })
      return
    }
    for (const one of split.runs) tell(one)
    left = split.left
  }
}
