// Real: the page about ASVS, the tests. Fake: the planted rows.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/process/project.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { asvsLevels } from './asvs-levels.js'

const root = projectRoot()
const page = readFileSync(join(root, 'docs', 'asvs.md'), 'utf8')

/** A row of the table. */
interface Row {
  number: string
  level: string
  about: string
  answer: string
}

const rowsOf = (text: string): Row[] =>
  [...text.matchAll(/^\| ([\d.]+) \| (\d) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
    ([, number, level, about, answer]) => ({
      number: number!,
      level: level!,
      about: about!,
      answer: answer!,
    }),
  )

/** The forms of an answer. A page is named where the standard asks for a document. */
const FORMS = {
  test: /^\[[^\]]+\]\(\.\.\/test\/[^)]+\.test\.ts\) \*/,
  document: /^described in \[/,
  'does not apply': /^does not apply: [\w`]/,
  accepted: /^accepted: [\w`]/,
  open: /^\*\*open\*\*: [\w`]/,
}
type Form = keyof typeof FORMS

const formOf = ({ answer }: Row): Form | undefined =>
  (Object.keys(FORMS) as Form[]).find(form => FORMS[form].test(answer))

/** The titles of the tests of a file, as they are written. */
const titlesOf = (source: string): string[] =>
  [...source.matchAll(/\bt\.test\(\s*(['"`])(.*?)\1/gs)].map(([, , title]) => title!)

/** What is wrong with a row. */
function faultsOf(row: Row): string[] {
  const { number, answer } = row
  const form = formOf(row)
  if (!form)
    return [`${number} is neither covered, nor described, nor said not to apply, nor accepted, nor open`]
  const tests = [...answer.matchAll(/\]\(\.\.\/(test\/[^)]+)\) \*([^*]+)\*/g)]
  if (form === 'test' && tests.length === 0) return [`${number} names no test`]
  return tests.flatMap(([, path, title]) => {
    const file = join(root, path!)
    if (!existsSync(file)) return [`${number}: there is no ${path}`]
    const found = titlesOf(readFileSync(file, 'utf8')).some(one =>
      one.includes('${') ? one.endsWith(` ${title}`) : one === title,
    )
    return found ? [] : [`${number}: ${path} has no test "${title}"`]
  })
}

t.test('each requirement of levels 1 and 2 is listed once, with its level', async t => {
  const listed = rowsOf(page).map(({ number, level }) => [number, level])
  t.equal(listed.length, 253)
  t.strictSame(listed, [...asvsLevels()])
})

t.test('each is covered by a test that exists, or says why not', async t => {
  t.strictSame(rowsOf(page).flatMap(faultsOf), [])
})

t.test('the page counts right', async t => {
  const count = (form: Form) => rowsOf(page).filter(row => formOf(row) === form).length
  const [, all, tests, documents, others, accepted, open] =
    /asks for (\d+)[\s\S]+?(\d+) are covered[\s\S]+?(\d+) are\s+described[\s\S]+?(\d+) do not apply[\s\S]+?(\d+) are accepted[\s\S]+?(\d+) are open/.exec(
      page,
    )!
  t.strictSame([all, tests, documents, others, accepted, open].map(Number), [
    rowsOf(page).length,
    count('test'),
    count('document'),
    count('does not apply'),
    count('accepted'),
    count('open'),
  ])
})

t.test('a row that claims too much is found', async t => {
  const row = (answer: string) => rowsOf(`| 1.1.1 | 2 | decoding | ${answer} |`).flatMap(faultsOf)
  t.strictSame(row('[a](../test/unit/house/asvs.test.ts) *the page counts right*'), [])
  matchEach(t, row('[a](../test/unit/house/asvs.test.ts) *no such test*'), [/has no test "no such test"/])
  matchEach(t, row('[a](../test/unit/none.test.ts) *x*'), [/there is no/])
  matchEach(t, row('fine'), [/neither covered/])
})
