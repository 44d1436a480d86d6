// Real: the documents and the sources. Fake: none.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { transitions } from '../../../src/call/machine/call-machine.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { SERVICE_FLAGS } from '../../../src/lib/process/service-flags.js'
import { validateLine } from '../../../src/lines/validate.js'
import { contradictions } from '../../../src/prompts/contradictions.js'
import { readManifest, shippedPromptFolder } from '../../../src/prompts/manifest.js'
import { CHECK_NAMES } from '../../../src/site/check/check.js'
import { headings } from './headings.js'
import { roomOf, sourcesBelow } from './read-imports.js'

const root = projectRoot()
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(join(root, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]

/** The rows of the table whose head begins with `head`, as cells. */
function rows(text: string, head: string): string[][] {
  const lines = text.slice(text.indexOf(`| ${head} |`)).split('\n')
  const end = lines.findIndex(line => !line.startsWith('|'))
  return lines.slice(2, end).map(line => line.split('|').map(cell => cell.trim()))
}
/** The words of a cell that are set as code. */
const words = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!)

t.test('the architecture page has every step of the call machine', async t => {
  const documented = rows(read('docs/architecture.md'), 'step').map(([, step]) => words(step)[0])
  t.same(documented, Object.keys(transitions))
})

/** The unit of the service. */
const UNIT = 'packaging/systemd/consentry.service'

t.test('command, unit and image start the service with its flags of Node', async t => {
  for (const path of ['bin/consentry.js', UNIT, 'Dockerfile'])
    for (const flag of SERVICE_FLAGS)
      t.match(read(path), new RegExp(`node"?,? "?${flag}["\\s]`), `${flag} in ${path}`)
})

t.test('command, unit and image give the service threads for disks that hang', async t => {
  for (const path of ['bin/consentry.js', UNIT, 'Dockerfile'])
    t.match(read(path), /\bUV_THREADPOOL_SIZE=64\b/, path)
})

t.test('the unit waits until the clock is set, because recordings are destroyed by it', async t => {
  for (const setting of ['Wants', 'After'])
    t.match(read(UNIT), new RegExp(`^${setting}=.*\\btime-sync\\.target\\b`, 'm'), setting)
})

/** Whether a source defines this function, method, constant or class. A use of the name, or a comment, does not count. */
const defines = (source: string, name: string): boolean =>
  new RegExp(
    `^ *(export )?(async )?((function|const|class) ${name}\\b|${name}[(<].*\\{$|${name}\\($)`,
    'm',
  ).test(source)

t.test('a mention of a name is no definition', async t => {
  t.ok(defines('export async function push() {\n', 'push'))
  t.ok(defines('  async #write(): Promise<void> {\n', '#write'))
  t.notOk(defines('/** push() {@link x} */\nthis.push(x)\n', 'push'))
})

t.test('the architecture page names places that exist', async t => {
  const places = rows(read('docs/architecture.md'), 'what').flatMap(([, , where = '']) => [
    ...where.matchAll(/`([^`]+)` in \[[^\]]+\]\(([^)]+)\)/g),
  ])
  t.ok(places.length > 15)
  for (const [, name, path] of places)
    t.ok(defines(read(join('docs', path!)), name!), `${path} defines ${name}`)
})

t.test('the page of the settings has every setting', async t => {
  const tables = read('docs/configure.md')
    .split(/^(?=\| variable \|)/m)
    .slice(1)
  const documented = tables.flatMap(table => rows(table, 'variable')).flatMap(([, names]) => words(names))
  const real = [...read('src/config/config.ts').matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name!)
  t.ok(real.length > 10)
  t.same(documented.sort(), real.sort())
})

t.test('the line in the guide is valid and complete, and the guide explains each of its fields', async t => {
  const guide = read('docs/lines.md')
  const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(guide)![1]!)
  t.same(validateLine(example), example)
  t.strictSame(
    contradictions(example, await readManifest(shippedPromptFolder())),
    [],
    'its prompts say so, too',
  )
  const documented = rows(guide, 'field').flatMap(([, names]) => words(names))
  // A line with the usual term does not have `longerBecause`, one by key no `voice`, and one that asks no outsiders no `outsiderDisclosure`.
  const more = ['longerBecause', 'voice', 'outsiderDisclosure']
  const fields = [...Object.keys(example), ...example.purposes.flatMap(Object.keys), ...more]
  t.same([...new Set(documented)].sort(), [...new Set(fields)].sort())
})

t.test('the page of the command has every check', async t => {
  const documented = rows(read('docs/commands.md'), 'check').flatMap(([, names]) => words(names))
  t.strictSame(documented, CHECK_NAMES)
})

/** The targets of all links in a text: `[a](target)`, `[a](target "title")` and `[a]: target`. */
const linksIn = (text: string) =>
  [...text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)|^\[[^\]]+\]: (\S+)/gm)].map(
    ([, inline, reference]) => (inline ?? reference)!,
  )

t.test('the documents have links', async t => {
  t.ok(documents.flatMap(document => linksIn(read(document))).length > 30)
})

/** The files and headings that a document links to and that do not exist. */
function brokenLinks(document: string, text: string): string[] {
  return linksIn(text).flatMap(target => {
    if (/^https?:/.test(target)) return []
    const [path, anchor] = target.split('#') as [string, string?]
    const file = path ? join(dirname(document), path) : document
    if (!existsSync(join(root, file))) return [file]
    return anchor && !headings(path ? read(file) : text).includes(anchor) ? [`${file}#${anchor}`] : []
  })
}

for (const document of documents) {
  t.test(`${document} links to files and headings that exist`, async t => {
    t.strictSame(brokenLinks(document, read(document)), [])
  })
}

t.test('a link to a file or heading that does not exist is found', async t => {
  const found = (text: string) => brokenLinks('docs/glossary.md', text)
  t.strictSame(found('[a](../src/call/no-such-file.ts)'), ['src/call/no-such-file.ts'])
  t.strictSame(found('[a](no-such-page.md "with a title")'), ['docs/no-such-page.md'])
  t.strictSame(found('[a][b]\n\n[b]: ../src/no-such-file.ts'), ['src/no-such-file.ts'])
  t.strictSame(found('[a](operate.md#no-such-heading)'), ['docs/operate.md#no-such-heading'])
  t.strictSame(found('# One\n[a](#two)'), ['docs/glossary.md#two'])
  t.strictSame(
    found('# One\n[a](#one) [b](../src/main/main.ts) [c](operate.md#alarms) [d](https://example.org/x)'),
    [],
  )
})

t.test('the architecture page names every room', async t => {
  const documented = rows(read('docs/architecture.md'), 'room').flatMap(([, rooms]) => words(rooms))
  const rooms = new Set(sourcesBelow(join(root, 'src')).map(roomOf))
  t.same(documented.sort(), [...rooms].flatMap(room => (room.endsWith('.ts') ? [] : [`${room}/`])).sort())
})
