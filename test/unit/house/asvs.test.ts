// Real: the table of ASVS, the page that counts it, the tests and documents that it names. Fake: the planted rows.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { asvsLevels } from './asvs-levels.js'
import { headings } from './headings.js'

const root = projectRoot()
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const COLUMNS = ['requirement', 'level', 'about', 'state', 'shown by', 'note'] as const
const [head, ...rows] = read('docs/asvs.tsv')
  .trimEnd()
  .split('\n')
  .map(line => line.split('\t'))

/** What a row of each state must have: tests or documents that show it, or a note that says why. */
const STATES: Readonly<Record<string, { needs: RegExp; what: string }>> = {
  tested: { needs: /^test\/\S+\.test\.ts: [^\t]*\t/, what: 'test' },
  documented: { needs: /^(docs\/|CONTRIBUTING\.md)[^\t]*\t/, what: 'document' },
  'not applicable': { needs: /\t\w/, what: 'note' },
  accepted: { needs: /\t\w/, what: 'note' },
  open: { needs: /\t\w/, what: 'note' },
}

/** The titles of the tests of a file, as they are written. */
const titlesOf = (source: string): string[] =>
  [...source.matchAll(/\bt\.test\(\s*(['"`])(.*?)\1/gs)].map(([, , title]) => title!)

/** What is wrong with an entry of "shown by": `test/a.test.ts: title of the test` or `docs/page.md#heading`. */
function faultsOfEntry(entry: string): string[] {
  const [, path, anchor, title] = /^([\w./-]+)(?:#([\w-]+)|: (.+))?$/.exec(entry) ?? []
  if (!path || !existsSync(join(root, path))) return [`there is no ${path ?? entry}`]
  const text = read(path)
  if (path.endsWith('.md')) return !anchor || headings(text).includes(anchor) ? [] : [`there is no ${entry}`]
  const isFound = titlesOf(text).some(one => (one.includes('${') ? one.endsWith(` ${title}`) : one === title))
  return isFound ? [] : [`${path} has no test "${title}"`]
}

/** What is wrong with a row. */
function faultsOf(row: readonly string[]): string[] {
  const [number, , , state, shown = '', note] = row
  const rule = STATES[state!]
  if (row.length !== COLUMNS.length || !rule) return [`${number} has no known state, or other columns`]
  const missing = rule.needs.test(`${shown}\t${note}`) ? [] : [`it names no ${rule.what}`]
  const entries = shown === '' ? [] : shown.split(' | ')
  return [...missing, ...entries.flatMap(faultsOfEntry)].map(fault => `${number}: ${fault}`)
}

t.test('each requirement of levels 1 and 2 is listed once, with its level', async t => {
  t.strictSame(head, COLUMNS)
  t.equal(rows.length, 253)
  t.strictSame(
    rows.map(([number, level]) => [number, level]),
    [...asvsLevels()],
  )
})

t.test('each is shown by a test or document that exists, or says why not', async t => {
  t.strictSame(rows.flatMap(faultsOf), [])
})

t.test('the page about security counts right', async t => {
  const sentence =
    /asks for (\d+) things[\s\S]+?(\d+) are tested, (\d+) are documented, (\d+) do not apply, (\d+) are accepted as\s+they are, and (\d+) are open/
  const count = (state: string) => rows.filter(row => row[3] === state).length
  t.strictSame(sentence.exec(read('docs/security.md').replaceAll('\n', ' '))?.slice(1).map(Number), [
    rows.length,
    ...Object.keys(STATES).map(count),
  ])
})

t.test('a row that claims too much is found', async t => {
  const row = (state: string, shown: string, note = '') =>
    faultsOf(['1.1.1', '2', 'decoding', state, shown, note])
  const path = 'test/unit/house/asvs.test.ts'
  t.strictSame(row('tested', `${path}: the page about security counts right`), [])
  t.strictSame(row('documented', 'docs/security.md'), [])
  matchEach(t, row('tested', `${path}: no such test`), [/has no test "no such test"/])
  matchEach(t, row('tested', path), [/names no test/, /has no test/])
  matchEach(t, row('tested', 'test/unit/none.test.ts: x'), [/there is no/])
  matchEach(t, row('documented', 'docs/security.md#no-such-heading'), [/there is no/])
  matchEach(t, row('documented', ''), [/names no document/])
  matchEach(t, row('not applicable', ''), [/names no note/])
  matchEach(t, row('fine', ''), [/no known state/])
})
