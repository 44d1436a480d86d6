// Real: the command in a folder without a service, as a process of its own or several in one process. Fake: none.
// Alone: it takes long, and the files after it would wait.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { version } from '../../src/lib/process/project.js'
import { consentryInTurn } from '../support/processes/command.js'

const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
const folder = t.testdir({
  'half.json': '[{ "number": "100" }]',
  'odd.json': 'no JSON',
  'empty.json': '[]',
  taken: { 'recipients.json': '[]' },
})

/** Runs the command as a process of its own. */
function consentry(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' },
  })
  return { status, stdout, stderr }
}

/** Runs command lines in one process, and asserts what came of each. */
async function assertEach(t: Test, code: number, cases: readonly [args: string[], err: RegExp][]) {
  const runs = await consentryInTurn(
    cases.map(([args]) => args),
    { cwd: folder },
  )
  t.equal(runs.length, cases.length)
  for (const [i, [args, err]] of cases.entries()) {
    t.match(runs[i], { code, err }, args.join(' '))
    t.equal(runs[i]?.out, '')
    t.notMatch(runs[i]?.err, /\n {4}at /)
  }
}

const overview = consentry('--help')

t.test('help and version go to standard output', async t => {
  t.match(overview, { status: 0, stdout: /^Usage: consentry VERB/, stderr: '' })
  t.ok(overview.stdout.split('\n').length <= 40, 'the overview fits one screen')
  t.same(consentry('--version'), { status: 0, stdout: `${version}\n`, stderr: '' })
  const [short, word, ...ofVerb] = await consentryInTurn([
    ...[['-h'], ['help']],
    ...[
      ['open', '--help'],
      ['open', '-h'],
    ],
  ])
  for (const same of [short, word]) t.strictSame(same, { code: 0, out: overview.stdout, err: '' })
  t.equal(ofVerb.length, 2)
  for (const help of ofVerb)
    t.match(help, {
      code: 0,
      out: /^Usage: consentry open RECORDING.*stereo WAV.*Example: consentry open/s,
    })
})

t.test('the help of each verb fits one screen, with an example that begins with the verb', async t => {
  const verbs = [...overview.stdout.matchAll(/^ {2}(\w+) {2,}/gm)].map(([, verb]) => verb!)
  t.ok(verbs.length > 15)
  const helps = await consentryInTurn(verbs.map(verb => ['help', verb]))
  for (const [i, verb] of verbs.entries()) {
    const { code, out } = helps[i]!
    t.equal(code, 0)
    t.match(out, new RegExp(`^Usage: consentry ${verb}.*\\nExample: consentry ${verb}\\b`, 's'))
    t.ok(out.split('\n').length <= 30, `${verb} fits one screen`)
  }
})

t.test(
  'the help of a verb and a word has the verbs below that begin with it, with their effects',
  async t => {
    const [drafts, none] = await consentryInTurn([
      ['help', 'line', 'draft'],
      ['help', 'line', 'nothing'],
    ])
    t.match(drafts, { code: 0, out: /^consentry line draft new NUMBER.*\n {4}Begins a draft/, err: '' })
    t.notMatch(drafts?.out, /consentry line set/)
    t.match(none, { code: 0, out: /^Usage: consentry line set/ })
  },
)

t.test('a command line that is not understood exits 2 and says why on standard error', async t => {
  t.match(consentry('bogus'), { status: 2, stdout: '', stderr: /no verb "bogus"\.\n/ })
  await assertEach(t, 2, [
    [['constructor'], /no verb "constructor"\.\n/],
    [['clals'], /no verb "clals"\.\nDid you mean "calls"\?\n/],
    [['calls', '--bogus'], /Usage: consentry calls/],
    [['calls', 'all'], /"all" means nothing here/],
    [['serve', 'now'], /"now" means nothing here/],
    [['calls', '--limit', '0'], /--limit/],
    [['call'], /exactly one call id/],
    [['verify', 'x', 'y'], /recording id/],
    [['witness'], /--log/],
    [['line'], /say one of: set, try, replay, list/],
    [['line', 'set'], /say: set FILE/],
    [['hold', 'list', 'x'], /"x" means nothing here/],
    [['rights', 'request'], /say: request NUMBER/],
    [['open', 'odd.json'], /its key file: --key KEYFILE/],
    [['keygen'], /at least one purpose/],
    [['keygen', 'Bad'], /"Bad" is no purpose/],
    [['lab', '--asterisk', '18'], /22 or 16/],
  ])
})

t.test('a command that cannot do its work exits 1 and says why, without a stack trace', async t => {
  const serve = consentry('serve')
  t.match(serve, { status: 1, stdout: '', stderr: /ARI_USERNAME.*ARI_PASSWORD/s })
  t.notMatch(serve.stderr, /\n {4}at /)
  await assertEach(t, 1, [
    [['calls'], /There is no database in .*postgres/],
    [['open', 'x.ctry', '--key', 'x'], /CONSENTRY_IDENTITY/],
    [['line', 'set', 'odd.json'], /cannot be read as JSON/],
    [['line', 'set', 'nowhere.json'], /There is no file nowhere\.json\./],
    [['line', 'replay', 'nowhere.json', '--of', '100'], /There is no file nowhere\.json\./],
    [['line', 'set', 'half.json'], /language/],
    [['line', 'set', 'empty.json'], /There is no line in empty\.json: give one/],
    [['open', 'nosuch'], /neither a recording nor a file "nosuch"\. .*consentry calls/],
  ])
  t.notOk(existsSync(join(folder, 'var')), 'a verb in the wrong folder leaves nothing there')
})

t.test('keygen overwrites no file, and makes both files of a pair or none', async t => {
  t.match(consentry('keygen', 'service', '--dir', 'taken'), { status: 1, stderr: /exists already/ })
  t.same(readdirSync(join(folder, 'taken')), ['recipients.json'])
  const made = consentry('keygen', 'service', 'marketing', '--json')
  t.match(JSON.parse(made.stdout), { identity: join(folder, 'identity.json'), keys: { length: 2 } })
  t.match(consentry('keygen', 'service'), { status: 1, stderr: /exists already/ })
})
