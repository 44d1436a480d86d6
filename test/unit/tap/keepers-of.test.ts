// Real: processes and their open files. Fake: the keeper, a process of its name that holds the file of a pipe open.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { keepersOf } from '../../../src/tap/keepers-of.js'

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
