// Real: the command, run as a process of its own in a folder without a service. Fake: none.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { version } from '../../src/process/project.js'

const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
const folder = t.testdir({
  'half.json': '[{ "number": "100" }]',
  'odd.json': 'no JSON',
  'empty.json': '[]',
  taken: { 'recipients.json': '[]' },
})

function consentry(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' },
  })
  return { status, stdout, stderr }
}

t.test('help and version go to standard output', async t => {
  for (const word of ['--help', '-h', 'help']) {
    const { status, stdout } = consentry(word)
    t.equal(status, 0)
    t.match(stdout, /^Usage: consentry VERB/)
    t.ok(stdout.split('\n').length <= 40, 'the overview fits one screen')
  }
  t.same(consentry('--version'), { status: 0, stdout: `${version}\n`, stderr: '' })
  for (const help of ['--help', '-h']) {
    t.match(consentry('open', help), {
      status: 0,
      stdout: /^Usage: consentry open RECORDING.*stereo WAV.*Example: consentry open/s,
    })
  }
})

t.test('the help of each verb fits one screen, with an example that begins with the verb', async t => {
  const verbs = [...consentry('help').stdout.matchAll(/^ {2}(\w+) {2,}/gm)].map(([, verb]) => verb!)
  t.ok(verbs.length > 15)
  for (const verb of verbs) {
    const { status, stdout } = consentry('help', verb)
    t.equal(status, 0)
    t.match(stdout, new RegExp(`^Usage: consentry ${verb}.*\\nExample: consentry ${verb}\\b`, 's'))
    t.ok(stdout.split('\n').length <= 30, `${verb} fits one screen`)
  }
})

t.test('a command line that is not understood exits 2 and says why on standard error', async t => {
  const cases: [args: string[], words: RegExp][] = [
    [['bogus'], /no verb "bogus"\.\n/],
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
  ]
  for (const [args, words] of cases) {
    const run = consentry(...args)
    t.match(run, { status: 2, stderr: words }, args.join(' '))
    t.equal(run.stdout, '')
  }
})

t.test('a command that cannot do its work exits 1 and says why, without a stack trace', async t => {
  const cases: [args: string[], words: RegExp][] = [
    [['serve'], /ARI_USERNAME.*ARI_PASSWORD/s],
    [['calls'], /There is no database in .*postgres/],
    [['open', 'x.ctry', '--key', 'x'], /CONSENTRY_IDENTITY/],
    [['line', 'set', 'odd.json'], /cannot be read as JSON/],
    [['line', 'set', 'half.json'], /language/],
    [['line', 'set', 'empty.json'], /There is no line in empty\.json: give one/],
    [['open', 'nosuch'], /neither a recording nor a file "nosuch"\. .*consentry calls/],
  ]
  for (const [args, words] of cases) {
    const run = consentry(...args)
    t.match(run, { status: 1, stderr: words }, args.join(' '))
    t.equal(run.stdout, '')
    t.notMatch(run.stderr, /\n {4}at /)
  }
  t.notOk(existsSync(join(folder, 'var')), 'a verb in the wrong folder leaves nothing there')
})

t.test('keygen overwrites no file, and makes both files of a pair or none', async t => {
  t.match(consentry('keygen', 'service', '--dir', 'taken'), { status: 1, stderr: /exists already/ })
  t.same(readdirSync(join(folder, 'taken')), ['recipients.json'])
  const made = consentry('keygen', 'service', 'marketing', '--json')
  t.match(JSON.parse(made.stdout), { identity: join(folder, 'identity.json'), keys: { length: 2 } })
  t.match(consentry('keygen', 'service'), { status: 1, stderr: /exists already/ })
})
