// Real: the documents and the sources. Fake: the planted breaches.
// Each file, setting, verb, event and metric that a document names must exist.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { PARTY_VARIABLE } from '../../../src/core/pbx-facts.js'
import { projectRoot } from '../../../src/lib/process/project.js'

const root = projectRoot()
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(join(root, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!)

/** Names in code spans, such as `recording.gap`. Blocks between fences hold foreign text, such as other programs' output. */
const spans = (text: string) => matches(text.replaceAll(/^```[\s\S]*?^```/gm, ''), /`([^`\n]+)`/g)

const sources = (folder: string): string =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => read(`${folder}/${name}`))
    .join('\n')
const code = sources('src')
/** The names of all source files, without their folders. */
const fileNames = new Set(
  ['src', 'lab', 'packaging', 'test', 'bin', 'prompts', 'asterisk', 'tools'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name => basename(name)),
  ),
)
const dialplan = read('asterisk/consentry.conf')

const settings = new Set(matches(read('src/config/config.ts'), /^ {2}([A-Z_]+): /gm))
const events = new Set(
  ['events', 'keeping-events', 'line-events'].flatMap(file =>
    matches(read(`src/core/${file}.ts`), /^ {2}'([a-z]+\.[a-z-]+)':/gm),
  ),
)
const errors = new Set(matches(read('src/core/errors.ts'), /^ {2}\| '([a-z-]+\.[a-z-]+)'/gm))
const verbs = new Set(matches(read('src/cli.ts'), /^ {4}(\w+): (?:ofLab\(|async )?\(\) =>/gm))
const metrics = new Set(matches(read('src/site/health/metrics.ts'), /'((?:consentry|process)_[a-z_]+)'/g))

/** Variables that tests read, and those of the dialplan. */
const isOtherVariable = (name: string) =>
  name.startsWith('CONSENTRY_TEST_') ||
  dialplan.includes(name) ||
  name.startsWith('CONSENTRY_PURPOSE') ||
  name === PARTY_VARIABLE

/** Words after `consentry` that are no verbs: the help, the names of processes, and the texts in formats (`consentry spool 1`). */
const NO_VERBS = ['help', 'keeper', 'prober', 'commitment', 'stream', 'spool']

/** The first words of events and errors. A code span with one of them and a dot is an event, an error or a file. */
const prefixes = new Set([...events, ...errors].map(name => name.split('.')[0]!))

/** @returns the names in a document that do not exist */
function unknownNames(text: string): string[] {
  const named = spans(text)
  const paths = named.filter(name =>
    /^(?:src|test|lab|packaging|asterisk|prompts|migrations|docs|bin)\/[\w./-]*$/.test(name),
  )
  const files = named.filter(name => /^[\w-]+(?:\.test)?\.(?:m?js|ts)$/.test(name))
  const dotted = named.filter(name => /^[a-z]+\.[a-z-]+$/.test(name) && prefixes.has(name.split('.')[0]!))
  const commands = matches(text, /(?:^ *|`)(?:sudo |npx )?consentry ([a-z]+)/gm)
  const variables = matches(text, /\b(CONSENTRY_[A-Z_]*[A-Z])\b/g)
  const figures = named.flatMap(name => matches(name, /\b(consentry_[a-z_]+)\b/g))
  return [
    ...paths.filter(path => !existsSync(join(root, path))),
    ...files.filter(name => !fileNames.has(name)),
    ...dotted.filter(name => !events.has(name) && !errors.has(name) && !code.includes(`'${name}'`)),
    ...commands.filter(verb => !verbs.has(verb) && !NO_VERBS.includes(verb)),
    ...variables.filter(name => !settings.has(name) && !isOtherVariable(name)),
    ...figures.filter(name => !metrics.has(name)),
  ]
}

for (const document of documents) {
  t.test(`${document} names only what exists`, async t => {
    t.strictSame(unknownNames(read(document)), [])
  })
}

t.test('a name that does not exist is found', async t => {
  for (const set of [settings, events, errors, verbs, metrics]) t.ok(set.size > 10)
  const planted = [
    ['src/call/no-such-file.ts', 'See `src/call/no-such-file.ts`.'],
    ['no-such-file.ts', 'See `no-such-file.ts`.'],
    ['recording.lost', 'It journals `recording.lost`.'],
    ['destroy', 'Run `consentry destroy`.'],
    ['forget', '```sh\nconsentry forget NUMBER\n```'],
    ['CONSENTRY_COLOUR', 'Set `CONSENTRY_COLOUR`.'],
    ['consentry_wishes', 'It counts `consentry_wishes`.'],
  ] as const
  for (const [name, text] of planted) t.strictSame(unknownNames(text), [name])
  t.strictSame(
    unknownNames('`src/call/run/calls.ts` `run-call.ts` `recording.gap` `consentry purge` `CONSENTRY_DATA`'),
    [],
  )
})
