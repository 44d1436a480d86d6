import { hasLongForm, isLongOnly } from './heads.js'

/**
 * Chooses the test files of a run.
 *
 * @param {string[]} tests paths below the folder of tests
 * @param {(path: string) => string} readSource gives the text of a test
 * @param {{long?: boolean, asterisk?: string, words?: string[]}} asked `long`: the long lane; `asterisk`: the version; `words`: parts of
 *   paths, of which a path must contain one. A file of the long lane alone also runs where a word names it, and on an older Asterisk.
 * @returns {string[]} in the order of their names
 */
export function selectTests(tests, readSource, { long = false, asterisk = '22', words = [] } = {}) {
  const isOlder = asterisk !== '22'
  const isOfLane = source =>
    long ? hasLongForm(source) || isLongOnly(source) : isOlder || words.length > 0 || !isLongOnly(source)
  return tests
    .filter(path => !isOlder || /^(call|fault)\//.test(path))
    .filter(path => words.length === 0 || words.some(word => path.includes(word)))
    .filter(path => isOfLane(readSource(path)))
    .sort()
}
