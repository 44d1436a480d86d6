// Real: the prompts, a program in place of ffmpeg. Fake: the clock, the log, the database, which is not reached.
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Database } from '../../../src/db/database.js'
import { startLivePrompts } from '../../../src/prompts/live-prompts.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { scratch, silent, until } from '../../support/processes/database.js'

t.test(
  'a start that makes prompts says so in the log, and only one that stands still says that the disk may hang',
  async t => {
    const dir = await scratch(t)
    const [ffmpeg, released] = [join(dir, 'ffmpeg'), join(dir, 'released')]
    writeFileSync(
      ffmpeg,
      `#!/bin/sh\ntouch ${ffmpeg}.begun\nwhile [ ! -e ${released} ]; do sleep 0.1; done\nexit 1\n`,
    )
    chmodSync(ffmpeg, 0o755)
    const clock = new FakeClock()
    const said: string[] = []
    const keep = ({ doing }: { doing?: string }, text: string) =>
      void (doing && said.push(`${text}: ${doing}`))
    const log = Object.assign(Object.create(silent), {
      info: keep,
      error: keep,
    })
    const options = { db: {} as Database, dir: join(dir, 'prompts'), ffmpeg, log, clock, onUnusable() {} }
    const starting = startLivePrompts(options)
    starting.catch(() => {})
    await clock.advanceAndWait(19_000)
    t.strictSame(said, [])
    await until(() => existsSync(`${ffmpeg}.begun`))
    await clock.advanceAndWait(1_000)
    t.strictSame(said, ['the service makes its prompts ready: checking prompts 58/58'])
    await clock.advanceAndWait(20_000)
    t.match(said.at(-1), /waits for its prompts.*disk of CONSENTRY_PROMPTS hangs: checking prompts 58\/58/)
    writeFileSync(released, '')
    await t.rejects(starting, { code: 'tool.failed' }, 'and goes on')
  },
)
