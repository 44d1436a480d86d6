// Real: the guides, and the tests that run them. Fake: the planted breaches.
// Each block of a guide is run by `npm run test:compose` or `npm run test:install`, or says that it is an example.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { type Block, blocksOf, GUIDES, isRun, type Page } from '../../install/guides/guide.js'

const root = projectRoot()
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** The sources of the test that runs a page. */
const testOf = (page: Page): string => {
  const folder = join('test', 'install', GUIDES[page])
  return readdirSync(join(root, folder))
    .filter(name => name.endsWith('.ts'))
    .map(name => read(join(folder, name)))
    .join('\n')
}

/** The variable that stands for a page in its test, as in `const page = openGuide('install.md')`. */
const nameIn = (test: string, page: Page): string =>
  new RegExp(`const (\\w+) = openGuide\\('${page}'\\)`).exec(test)?.[1] ?? page

/** Blocks that are neither run nor marked, by the heading above them; and blocks that a test wants and the page has not. */
function breaches(blocks: readonly Block[], test: string, name: string): string[] {
  const unmarked = blocks.filter(block => !isRun(block) && !/^\w+ example$/.test(block.info))
  const wanted = [...test.matchAll(new RegExp(`\\b${name}\\.take\\('([^']+)'\\)`, 'g'))].map(
    ([, one]) => one!,
  )
  const shown = blocks.filter(isRun).map(({ heading }) => heading)
  const count = (list: readonly string[], heading: string) => list.filter(one => one === heading).length
  const differing = [...new Set([...wanted, ...shown])].filter(
    heading => count(wanted, heading) !== count(shown, heading),
  )
  return [
    ...unmarked.map(({ heading, info }) => `${heading}: \`\`\`${info} is neither run nor marked`),
    ...differing.map(
      heading => `${heading}: ${count(shown, heading)} blocks, ${count(wanted, heading)} of them run`,
    ),
  ]
}

for (const page of Object.keys(GUIDES) as Page[]) {
  t.test(`each block of docs/${page} is run, or is an example`, async t => {
    const blocks = blocksOf(read(`docs/${page}`))
    t.ok(blocks.filter(isRun).length > 0)
    const test = testOf(page)
    t.strictSame(breaches(blocks, test, nameIn(test, page)), [])
  })
}

t.test('a block that is neither run nor marked is found', async t => {
  const page = [
    '# A',
    '```sh',
    'one',
    '```',
    '```ini',
    'two',
    '```',
    '```json example',
    'three',
    '```',
    '',
  ].join('\n')
  const blocks = blocksOf(page)
  t.strictSame(blocks[0], { heading: 'A', info: 'sh', text: 'one\n' })
  t.strictSame(breaches(blocks, "page.take('A')", 'page'), ['A: ```ini is neither run nor marked'])
  t.strictSame(breaches(blocks.slice(0, 1), '', 'page'), ['A: 1 blocks, 0 of them run'])
  t.strictSame(breaches(blocks.slice(2), "page.take('A')", 'page'), ['A: 0 blocks, 1 of them run'])
})
