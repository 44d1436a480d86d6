import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Reads the source of a test by the path of what is compiled of it. */
export const sourceIn = folder => path => readFileSync(join(folder, path.replace(/\.js$/, '.ts')), 'utf8')

/** Whether the head of a test file says that it has to have a process of its own, and why. */
export const isAlone = source => /^\/\/ Alone: \S/m.test(source)

/** Whether the head of a test file says what its long form does more. `npm run test:long` runs it in that form. */
export const hasLongForm = source => /^\/\/ Long: \S/m.test(source)

/** Whether the head of a test file says that it runs in the long lane alone, and why `npm test` can do without it. */
export const isLongOnly = source => /^\/\/ Long only: \S/m.test(source)
