import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runFile } from './run-file.js'
import { splitFiles } from './split-files.js'

/** How many files of a folder run in one process: enough that its start costs little, and few enough that no lane waits for the last process. */
const MOST = { unit: 16, service: 6 }
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'together.js')

/** A file of tests says so at its head where it has to have a process of its own, and why. */
const ALONE = /^\/\/ Alone: \S/m

/**
 * Groups files whose tests need no process of their own: to start one and to load `tap` and the program takes longer than most of them.
 *
 * @param {string[]} tests paths below the folder of tests, all in one folder of it
 * @param {(path: string) => string} readSource gives the text of a test
 * @param {boolean} isLong the long forms of tests have one hour each, so they are alone
 * @returns {string[][]}
 */
export function groupTests(tests, readSource, isLong = Boolean(process.env.CONSENTRY_TEST_LONG)) {
  const most = isLong ? 1 : (MOST[tests[0]?.split('/')[0]] ?? 1)
  const isAlone = path => ALONE.test(readSource(path))
  const together = tests.filter(path => !isAlone(path))
  const groups = tests.filter(isAlone).map(path => [path])
  for (let i = 0; i < together.length; i += most) groups.push(together.slice(i, i + most))
  return groups
}

/** Reads the source of a test by the path of what is compiled of it. */
export const sourceIn = folder => path => readFileSync(join(folder, path.replace(/\.js$/, '.ts')), 'utf8')

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
