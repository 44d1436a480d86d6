// Real: the console as a process, PostgreSQL. Fake: none.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { compiled } from '../../../lab/process/compiled.js'
import { reservePort } from '../../../src/lib/process/reserve-port.js'
import { scratch, testDatabase, until } from '../../support/processes/database.js'

t.test('a console that nobody can sign in to prints one address, which its log does not have', async t => {
  const { server } = await testDatabase(t)
  const port = await reservePort('tcp')
  const child = spawn(process.execPath, [compiled('cli'), 'console'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      CONSENTRY_DATA: join(await scratch(t), 'data'),
      CONSENTRY_CONSOLE: `127.0.0.1:${port}`,
      DATABASE_CONSOLE_URL: server.consoleUrl,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [printed, logged]: string[][] = [[], []]
  createInterface({ input: child.stdout }).on('line', line => printed!.push(line))
  createInterface({ input: child.stderr }).on('line', line => logged!.push(line))
  await until(() => printed!.length >= 2)
  t.match(printed![0], /^Nobody can sign in to the console yet\./)
  const [, origin, secret] = /^(http:\/\/localhost:\d+)\/setup#([\w-]{43})$/.exec(printed![1]!) ?? []
  t.equal(origin, `http://localhost:${port}`)
  t.equal((await fetch(`${origin}/setup`)).status, 200)
  t.notMatch(logged!.join('\n'), secret!)
  t.equal(printed!.length, 2)
})
