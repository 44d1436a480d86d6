// Real: /usr/bin/consentry of the package, run by sh, files. Fake: runuser, setpriv and id, so that any user runs the test; the program.
// test/install has the real ones.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { exactly } from '../../support/assertions/exactly.js'

const source = readFileSync(join(projectRoot(), 'packaging', 'host', 'consentry'), 'utf8')

/** Says what it got, reads files that it is told to read, and writes a file that it is told to write. */
const PROGRAM = `
const { mkdirSync, readFileSync, statSync, writeFileSync } = require('node:fs')
const { dirname } = require('node:path')
const words = process.argv.slice(2)
const isFile = word => statSync(word, { throwIfNoEntry: false })?.isFile()
const read = words.filter(isFile).map(word => readFileSync(word, 'utf8'))
for (const option of ['-o', '--keep', '--dir']) {
  const to = words[words.indexOf(option) + 1]
  if (!words.includes(option)) continue
  if (option === '--dir') mkdirSync(to, { recursive: true })
  writeFileSync(option === '--dir' ? to + '/identity.json' : to, 'written')
}
const modeOf = path => (statSync(path).mode & 0o777).toString(8)
const modes = ['.', ...words.filter(isFile)].map(modeOf)
console.log(JSON.stringify({ words, read, modes, env: process.env }))
process.exitCode = Number(process.env.EXIT ?? 0)
`

interface Told {
  words: string[]
  read: string[]
  /** Of the folder in which it works, and of the files that it read. */
  modes: string[]
  env: Record<string, string>
}

/** Installs the command for a test. What is below `private` the service's user cannot read, and below `reach` it may change everything. */
function install(t: Test, { uid = 0, settings = 'DATABASE_URL=postgres://a' as string | null } = {}) {
  const dir = t.testdir({
    bin: {
      runuser:
        '#!/bin/sh\nshift 3\ncase "$1 $3 ${5-}" in "test "*/private/*) exit 1 ;; "sh "*/reach/*) exit 0 ;; "sh "*) exit 1 ;; esac\nexec "$@"\n',
      setpriv: `#!/bin/sh\necho "$1 $(stat -Lc '%a %F' /dev/stdin)" >>"$(dirname "$0")/../callers"\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n`,
      id: `#!/bin/sh\ncase $1 in -u) echo ${uid} ;; -un) echo somebody ;; esac\n`,
    },
    memory: {},
    private: { 'line.json': 'the line', 'a b.json': 'blanks', below: {}, reach: {} },
    'program.cjs': PROGRAM,
    ...(settings !== null && { 'consentry.env': settings }),
  })
  for (const name of readdirSync(join(dir, 'bin'))) chmodSync(join(dir, 'bin', name), 0o755)
  const script = join(dir, 'consentry')
  writeFileSync(
    script,
    source
      .replace(/^program=.*$/m, `program=${dir}/program.cjs`)
      .replace(/^settings=.*$/m, `settings=${dir}/consentry.env`)
      .replace(/^user=.*$/m, `user=${userInfo().username}`)
      .replace(/^memory=.*$/m, `memory=${dir}/memory`)
      .replace(/^group=.*$/m, `group=${process.getgid!()}`)
      .replaceAll('/usr/bin/node', process.execPath),
  )
  const here = join(dir, 'private')
  const call = (words: string[], env: Record<string, string> = {}) => {
    const { status, stdout, stderr } = spawnSync('sh', [script, ...words], {
      cwd: here,
      env: { PATH: `${dir}/bin:${process.env['PATH']}`, ...env },
      encoding: 'utf8',
    })
    return { status, told: stdout ? (JSON.parse(stdout) as Told) : undefined, stderr }
  }
  const content = (path: string) => readFileSync(join(here, path), 'utf8')
  const leftOver = () => readdirSync(join(dir, 'memory'))
  return { dir, here, call, content, leftOver }
}

t.test('the command has the settings of the service, as systemd reads them', async t => {
  const settings = `# a comment
DATABASE_URL=postgres://u:p$x@h/d?sslmode=verify-full&sslrootcert=/ca.pem
ARI_PASSWORD="with blanks; and $(touch nothing)"
CONSENTRY_NODE='one'\t
broken line
`
  const { call, here } = install(t, { settings })
  const { status, told } = call(['calls', '--json'])
  t.equal(status, 0)
  t.strictSame(told?.words, ['calls', '--json'])
  t.match(told?.env, {
    DATABASE_URL: 'postgres://u:p$x@h/d?sslmode=verify-full&sslrootcert=/ca.pem',
    ARI_PASSWORD: 'with blanks; and $(touch nothing)',
    CONSENTRY_NODE: 'one',
    UV_THREADPOOL_SIZE: '64',
    HOME: '/var/lib/consentry',
  })
  t.notOk(existsSync(join(here, 'nothing')))
})

t.test('a file in the folder of the caller is read, under its own name', async t => {
  const { call, here, leftOver } = install(t)
  t.match(call(['line', 'set', 'line.json']).told, {
    words: exactly('line', 'set', 'line.json'),
    read: exactly('the line'),
  })
  t.match(call(['line', 'set', './line.json']).told, { read: exactly('the line') })
  t.match(call(['line', 'set', join(here, 'line.json')]).told, {
    words: exactly(/./, /./, /line\.json$/),
    read: exactly('the line'),
  })
  t.match(call(['line', 'set', '../private/line.json']).told, { read: exactly('the line') })
  t.match(call(['line', 'draft', 'new', '100', '--file=a b.json']).told, {
    words: exactly('line', 'draft', 'new', '100', '--file', 'a b.json'),
    read: exactly('blanks'),
  })
  t.match(call(['open', 'x'], { CONSENTRY_IDENTITY: 'line.json' }).told, {
    env: { CONSENTRY_IDENTITY: 'line.json' },
  })
  t.strictSame(leftOver(), [])
})

t.test('a file that the service can read is named as it is', async t => {
  const { call, dir } = install(t)
  const path = join(dir, 'consentry.env')
  t.strictSame(call(['listen', path]).told?.words, ['listen', path])
})

t.test('what the command writes is where the caller is', async t => {
  const { call, content, here, leftOver } = install(t)
  t.match(call(['act', 'show', '3', '-o', 'act.pdf']), {
    status: 0,
    told: { words: exactly('act', 'show', '3', '-o', 'act.pdf') },
  })
  t.equal(content('act.pdf'), 'written')
  t.equal(call(['rights', 'export', '1', '--out=below/copy.zip']).status, 0)
  t.match(call(['open', 'X', '-o', join(here, 'below', 'talk.wav')]).told?.words.at(-1), /talk\.wav$/)
  t.equal(content('below/talk.wav'), 'written')
  t.equal(call(['log', 'rotate-key', '--keep', 'former.key']).status, 0)
  t.equal(content('former.key'), 'written')
  t.equal(call(['act', 'show', '3', '-o', 'line.json']).status, 0)
  t.equal(content('line.json'), 'written', 'a file that is named is replaced')
  t.strictSame(readdirSync(join(here, 'below')), ['talk.wav'], 'and nothing is left beside it')
  t.strictSame(leftOver(), [])
})

t.test('nobody else can read what is brought or written, whatever they have prepared', async t => {
  const { call, content, here } = install(t)
  const prepared = join(here, 'act.pdf.part')
  writeFileSync(join(here, 'prey'), 'untouched')
  symlinkSync(join(here, 'prey'), prepared)
  const { told } = call(['act', 'show', '3', 'line.json', '-o', 'act.pdf'])
  t.strictSame(told?.modes, ['700', '600', '600'], 'the folder of the command, and the files in it')
  t.equal(content('act.pdf'), 'written')
  t.equal(statSync(join(here, 'act.pdf')).mode & 0o777, 0o600)
  t.equal(content('prey'), 'untouched')
  unlinkSync(prepared)
  writeFileSync(prepared, '')
  chmodSync(prepared, 0o666)
  t.equal(call(['act', 'show', '4', '-o', 'act.pdf']).status, 0)
  t.equal(content('act.pdf.part'), '', 'a file with a guessed name gets nothing')
  t.equal(statSync(join(here, 'act.pdf')).mode & 0o777, 0o600)
})

t.test('a file that no argument names does not come back', async t => {
  const { call, here, leftOver } = install(t)
  const before = readdirSync(here)
  t.equal(call(['calls', '--dir', 'keys']).status, 0)
  t.strictSame(readdirSync(here), before)
  t.strictSame(leftOver(), [])
})

t.test('where the user of the service may exchange files, only the rights of that user count', async t => {
  const { call, content, here, dir } = install(t)
  writeFileSync(join(here, 'reach', 'line.json'), 'theirs')
  const [given, written] = [join(here, 'reach', 'line.json'), join(here, 'reach', 'act.pdf')]
  t.strictSame(call(['line', 'set', given, '-o', written]).told?.words, ['line', 'set', given, '-o', written])
  t.equal(content('reach/act.pdf'), 'written')
  t.notMatch(readFileSync(join(dir, 'callers'), 'utf8'), /regular file/, 'nothing is handed over')
})

t.test('voices are read and written by the caller, without settings', async t => {
  const { call, content, dir } = install(t)
  const { told } = call(['voice', 'collect', '--dir', 'voices'], { SUDO_UID: '1000', SUDO_GID: '1000' })
  t.equal(told?.env['DATABASE_URL'], undefined)
  t.equal(content('voices/identity.json'), 'written')
  t.match(readFileSync(join(dir, 'callers'), 'utf8'), /^--reuid=1000 [^\n]*\n$/)
})

t.test('a rotation rewrites keys where they are, with the settings', async t => {
  const { call, content, here } = install(t)
  mkdirSync(join(here, 'keys'))
  writeFileSync(join(here, 'keys', 'identity.json'), 'the old one')
  const { told } = call(['keygen', '--rotate', '--dir', 'keys'])
  t.match(told?.env, { DATABASE_URL: 'postgres://a', PWD: here })
  t.equal(content('keys/identity.json'), 'written')
})

t.test('keys are drawn by the caller, without settings', async t => {
  const { call, content } = install(t)
  const { told } = call(['keygen', 'service', '--dir', 'keys'])
  t.equal(told?.env['DATABASE_URL'], undefined)
  t.equal(content('keys/identity.json'), 'written')
})

t.test('files are read and written with the rights of whoever called sudo', async t => {
  const { call, dir } = install(t)
  t.equal(call(['line', 'set', 'line.json'], { SUDO_UID: '1000', SUDO_GID: '1000' }).status, 0)
  t.equal(call(['act', 'show', '3', '-o', 'act.pdf'], { SUDO_UID: '1000', SUDO_GID: '1000' }).status, 0)
  const service = `--reuid=${userInfo().username} `
  const all = readFileSync(join(dir, 'callers'), 'utf8').trim().split('\n')
  const callers = all.filter(line => !line.startsWith(service))
  t.ok(
    callers.every(line => line.startsWith('--reuid=1000 ')),
    'each of them',
  )
  t.strictSame(
    [...new Set(callers.filter(line => line.endsWith('regular file')))],
    ['--reuid=1000 600 regular file'],
    'what is handed over, nobody else can read',
  )
  t.ok(callers.length >= 3)
})

t.test('the exit code is that of the verb, and a file that cannot be written makes it 1', async t => {
  const { call, here } = install(t)
  t.equal(call(['verify', 'x'], { EXIT: '1' }).status, 1)
  t.equal(call(['purge'], { EXIT: '2' }).status, 2)
  t.match(call(['act', 'show', '3', '-o', 'nowhere/act.pdf']), {
    status: 1,
    stderr: 'consentry: nowhere/act.pdf could not be written to where you are\n',
  })
  t.notOk(existsSync(join(here, 'nowhere')))
})

t.test('without settings, the command says what is missing', async t => {
  const { call } = install(t, { settings: null })
  t.match(call(['calls']), { status: 1, told: undefined, stderr: /there is no .*consentry\.env yet/ })
  for (const words of [['--version'], ['calls', '--help'], ['setup'], ['check']])
    t.equal(call(words).status, 0, words.join(' '))
})

t.test('a person is told to use sudo, except for what needs no installation', async t => {
  const { call } = install(t, { uid: 1000 })
  t.match(call(['calls']), { status: 1, stderr: /only root and the service may read: sudo consentry calls/ })
  t.match(call(['keygen', 'service']).told, { words: exactly('keygen', 'service') })
  t.match(call(['calls', '--help']).told, { words: exactly('calls', '--help') })
  t.match(call(['calls'], { DATABASE_URL: 'postgres://b' }).told, { env: { DATABASE_URL: 'postgres://b' } })
})

t.test('what runs for long gets the signals itself', async t => {
  const { call } = install(t)
  const { told } = call(['console'])
  t.match(told, { words: exactly('console'), env: { HOME: '/var/lib/consentry', PWD: '/' } })
})
