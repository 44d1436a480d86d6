// Real: /usr/bin/consentry of the package, run by sh as root; runuser, setpriv and id; two users of the system. Fake: the program, which waits
// until it was attacked.
// Alone: it runs as root a loop that writes into folders of all commands.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'

/** The user of the service: one that every system has. */
const SERVICE = 'nobody'

/** Waits until the attack has gone on for ten more rounds, then writes its file. */
const PROGRAM = `
const { readFileSync, writeFileSync } = require('node:fs')
const words = process.argv.slice(2)
const rounds = () => readFileSync(words.at(-1), 'utf8').length
const first = rounds()
while (rounds() < first + 10) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
console.log(JSON.stringify({ given: readFileSync(words[1], 'utf8') }))
writeFileSync(words[words.indexOf('-o') + 1], 'written')
`

/** What a user plants in every folder of a command that it can enter, also through the processes of that command. */
const ATTACK = `
while :; do
  for place in "$0"/consentry-command.*/work /proc/[0-9]*/cwd; do
    [ "$place" -ef . ] && continue
    mkdir -p "$place/.ssh" "$place/etc/cron.d" && echo planted >"$place/.ssh/authorized_keys" && echo planted >"$place/etc/cron.d/planted"
    cp "$place/secret.json" "$1/stolen"
    ln -sf "$1/prey" "$place/act.pdf"
  done 2>/dev/null
  for process in /proc/[0-9]*; do
    case $(tr '\\0' ' ' 2>/dev/null <"$process/cmdline") in *program.cjs*) cat "$process/environ" >>"$1/environ" ;; esac
  done 2>/dev/null
  printf . >>"$2"
done
`

async function attacked(t: Test) {
  const dir = mkdtempSync(join(tmpdir(), 'consentry-attacked-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  chmodSync(dir, 0o755)
  for (const name of ['memory', 'theirs', 'here']) mkdirSync(join(dir, name))
  chmodSync(join(dir, 'memory'), 0o755)
  chmodSync(join(dir, 'theirs'), 0o777)
  chmodSync(join(dir, 'here'), 0o755)
  writeFileSync(join(dir, 'here', 'secret.json'), 'secret', { mode: 0o600 })
  writeFileSync(join(dir, 'program.cjs'), PROGRAM, { mode: 0o644 })
  writeFileSync(join(dir, 'consentry.env'), 'DATABASE_URL=postgres://hidden', { mode: 0o600 })
  const source = readFileSync(join(projectRoot(), 'packaging', 'host', 'consentry'), 'utf8')
  const script = source
    .replace(/^program=.*$/m, `program=${dir}/program.cjs`)
    .replace(/^settings=.*$/m, `settings=${dir}/consentry.env`)
    .replace(/^user=.*$/m, `user=${SERVICE}`)
    .replace(/^memory=.*$/m, `memory=${dir}/memory`)
    .replaceAll('/usr/bin/node', process.execPath)
  writeFileSync(join(dir, 'consentry'), script)
  const rounds = join(dir, 'theirs', 'rounds')
  writeFileSync(rounds, '')
  chmodSync(rounds, 0o666)
  const loop = ['sh', '-c', ATTACK, join(dir, 'memory'), join(dir, 'theirs'), rounds]
  const attacker: ChildProcess = spawn('runuser', ['-u', SERVICE, '--', ...loop], {
    cwd: '/',
    detached: true,
  })
  t.teardown(async () => {
    process.kill(-attacker.pid!, 'SIGKILL')
    await once(attacker, 'exit')
  })
  return { dir, rounds, script: join(dir, 'consentry') }
}

// Only root has another user to attack with.
if (process.getuid?.() === 0)
  t.test(
    'a loop of the user of the service gets no file into a folder of root, and none out of it',
    async t => {
      const { dir, rounds, script } = await attacked(t)
      const here = join(dir, 'here')
      const words = ['act', 'secret.json', '-o', 'act.pdf', rounds]
      const { status, stdout, stderr } = spawnSync('sh', [script, ...words], { cwd: here, encoding: 'utf8' })
      t.equal(status, 0, stderr)
      t.strictSame(JSON.parse(stdout), { given: 'secret' }, 'the command has its file')
      t.strictSame(readdirSync(here).sort(), ['act.pdf', 'secret.json'])
      t.equal(readFileSync(join(here, 'act.pdf'), 'utf8'), 'written')
      t.notOk(existsSync(join(dir, 'theirs', 'stolen')), 'what it was given')
      const environ = join(dir, 'theirs', 'environ')
      t.notOk(existsSync(environ) && readFileSync(environ, 'utf8').includes('hidden'), 'its environment')
      t.strictSame(readdirSync(join(dir, 'memory')), [])
    },
  )
