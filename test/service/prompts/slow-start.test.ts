// Real: the prompts, a program in place of ffmpeg. Fake: the clock, the log, the database, which is not reached.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Database } from '../../../src/db/database.js'
import { startLivePrompts } from '../../../src/prompts/live-prompts.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { scratch, silent } from '../../support/processes/database.js'

t.test('a start that waits for its prompts names them in the log', async t => {
  const dir = await scratch(t)
  const [ffmpeg, released] = [join(dir, 'ffmpeg'), join(dir, 'released')]
  writeFileSync(ffmpeg, `#!/bin/sh\nwhile [ ! -e ${released} ]; do sleep 0.1; done\nexit 1\n`)
  chmodSync(ffmpeg, 0o755)
  const clock = new FakeClock()
  const said: string[] = []
  const log = Object.assign(Object.create(silent), {
    error: (_: object, text: string) => void said.push(text),
  })
  const options = { db: {} as Database, dir: join(dir, 'prompts'), ffmpeg, log, clock, onUnusable() {} }
  const starting = startLivePrompts(options)
  starting.catch(() => {})
  clock.advance(19_000)
  await new Promise(setImmediate)
  t.strictSame(said, [])
  clock.advance(1_000)
  await new Promise(setImmediate)
  t.match(said.join(), /waits for its prompts.*disk of CONSENTRY_PROMPTS hangs/)
  writeFileSync(released, '')
  await t.rejects(starting, { code: 'tool.failed' }, 'and goes on')
})
