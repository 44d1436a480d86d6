// Real: processes and their open files. Fake: the keeper, a process of its name that holds the file of a pipe open.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { keepersOf, killKeeperAt } from '../../../../src/audio/tap/keepers-of.js'

const KEEPER = `process.title = 'consentry keeper'
  require('node:fs').openSync(process.argv[1], 'r')
  process.stdout.write('open')
  setInterval(() => {}, 1000)`

t.test('a keeper is found by every path of its tap folder', async t => {
  const dir = t.testdir({ run: { tap: { 'one.rx.alaw': '' } } })
  symlinkSync(join(dir, 'run'), join(dir, 'var-run'))
  const pipe = join(dir, 'run', 'tap', 'one.rx.alaw')
  const keeper = spawn(process.execPath, ['-e', KEEPER, pipe], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => keeper.kill('SIGKILL'))
  await once(keeper.stdout, 'data')
  t.strictSame(await keepersOf(join(dir, 'run', 'tap')), [keeper.pid])
  t.strictSame(await keepersOf(join(dir, 'var-run', 'tap')), [keeper.pid])
  t.strictSame(await keepersOf(join(dir, 'run', 'other')), [])
})

t.test('a keeper that hangs is killed by the id beside its socket, and no other process is', async t => {
  const dir = t.testdir({ 'keeper.sock': '', pipe: '' })
  const socket = join(dir, 'keeper.sock')
  t.notOk(await killKeeperAt(socket), 'no id is there')
  const keeper = spawn(process.execPath, ['-e', KEEPER, join(dir, 'pipe')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => keeper.kill('SIGKILL'))
  await once(keeper.stdout, 'data')
  writeFileSync(`${socket}.pid`, `${process.pid}\n`)
  t.notOk(await killKeeperAt(socket), 'this test is no keeper')
  writeFileSync(`${socket}.pid`, `${keeper.pid}\n`)
  utimesSync(`${socket}.pid`, 1, 1)
  t.notOk(await killKeeperAt(socket), 'an earlier keeper wrote the id, and this one reads another folder')
  writeFileSync(`${socket}.pid`, `${keeper.pid}\n`)
  keeper.kill('SIGSTOP')
  t.ok(await killKeeperAt(socket))
  t.strictSame(await once(keeper, 'exit'), [null, 'SIGKILL'])
  t.notOk(await killKeeperAt(socket), 'it has ended')
})
