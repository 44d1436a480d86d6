// Real: the threads of this process, which hang at a pipe without a writer. Fake: none.
import { execFileSync, spawn } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { whenThreadIsFree } from '../../../../src/audio/tap/keeper-client.js'
import { until } from '../../../support/processes/database.js'

/** Number of reads that hang: one more than this process has threads for file operations. */
const HANGING = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) + 1

t.test('a process without a free thread does not answer, and answers once when a thread is free', async t => {
  let answers = 0
  const answer = whenThreadIsFree(() => {
    answers += 1
  })
  answer()
  await until(() => answers === 1)

  const pipe = join(t.testdir({}), 'pipe')
  execFileSync('mkfifo', [pipe])
  const hanging = Array.from({ length: HANGING }, () => readFile(pipe))
  for (let pings = 0; pings < 5; pings += 1) {
    answer()
    await pause(100)
  }
  // Nothing happens that could be waited for. A free thread answers within a few ms, so half a second is enough.
  t.equal(answers, 1, 'the event loop runs, and no ping is answered')

  // Another process opens the pipe again and again, so that every reader finds a writer.
  const writer = spawn('sh', ['-c', `while :; do : > '${pipe}'; done`])
  await Promise.all(hanging)
  writer.kill('SIGKILL')
  await until(() => answers > 1)
  // Further operations end after those of the pings.
  await Promise.all(Array.from({ length: HANGING }, () => stat('/')))
  t.equal(answers, 2, 'all pings during the operation share one answer')
})

t.test('an operation that fails is answered as well', async t => {
  let answers = 0
  whenThreadIsFree(
    () => {
      answers += 1
    },
    async () => {
      throw new Error('not there')
    },
  )()
  await until(() => answers > 0)
  t.equal(answers, 1)
})
