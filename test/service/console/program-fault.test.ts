// Real: the console and the witness as processes, PostgreSQL. Fake: none.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { compiled } from '../../../lab/process/compiled.js'
import { createSigningKey } from '../../../src/log/notes/log-key.js'
import { scratch, testDatabase } from '../../support/processes/database.js'
import { faultOnSignal, QUOTED } from '../../support/processes/program-fault.js'

/** Starts a verb, lets it make a mistake once it has said that it is ready, and waits for its end. */
async function failing(t: Test, env: Record<string, string>, ...words: string[]) {
  const child = spawn(process.execPath, [compiled('cli'), ...words], {
    env: { PATH: process.env['PATH'] ?? '', NODE_OPTIONS: faultOnSignal, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  const makeMistake = (chunk: Buffer) => {
    const wasReady = said.includes('ready')
    said += chunk
    if (!wasReady && said.includes('ready')) child.kill('SIGUSR2')
  }
  child.stdout.on('data', makeMistake)
  child.stderr.on('data', makeMistake)
  const [, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { code, signal, said }
}

t.test('a console that makes a mistake ends in good order, and its log does not quote the error', async t => {
  const { server } = await testDatabase(t)
  const ended = await failing(
    t,
    {
      ...{ DATABASE_URL: server.url, DATABASE_CONSOLE_URL: server.consoleUrl },
      ...{ CONSENTRY_DATA: join(await scratch(t), 'data'), CONSENTRY_CONSOLE: '127.0.0.1:0' },
    },
    'console',
  )
  t.match(ended, { code: 1, signal: null, said: /"reason":"fault".*the console stops/ })
  t.match(ended.said, /"level":60.*"kind":"TypeError"/)
  t.notOk(ended.said.includes(QUOTED))
})

t.test('so does a witness', async t => {
  const dir = await scratch(t)
  const { verifier } = await createSigningKey(join(dir, 'log.key'), 'example.org/log')
  const ended = await failing(
    t,
    {},
    ...['witness', '--log', verifier, '--dir', join(dir, 'witness'), '--listen', '127.0.0.1:0', '--json'],
  )
  t.match(ended, { code: 1, signal: null, said: /"kind":"TypeError"/ })
  t.notOk(ended.said.includes(QUOTED))
})
