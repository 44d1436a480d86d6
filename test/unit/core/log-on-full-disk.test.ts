// Real: a process of its own and a device that is always full. Fake: none.
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const log = new URL('../../../src/lib/log.js', import.meta.url).href

/** A program that writes 5,000 lines of 500 characters to its log, then reports on standard output that it still runs. */
const PROGRAM = `
  const { createLog } = await import(${JSON.stringify(log)})
  const log = createLog()
  for (let i = 0; i < 5_000; i++) log.info({ i }, 'a line that nobody takes, '.repeat(20))
  const { heapUsed } = process.memoryUsage()
  process.stdout.write(heapUsed < 100e6 ? 'alive' : String(heapUsed))
`

function run(path: string) {
  const stderr = openSync(path, 'w')
  try {
    return spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      stdio: ['ignore', 'pipe', stderr],
      encoding: 'utf8',
    })
  } finally {
    closeSync(stderr)
  }
}

t.test('a log that cannot be written does not end the process', async t => {
  t.match(run('/dev/full'), { stdout: 'alive', status: 0 })
})

t.test('the same program writes every line to a disk that is not full', async t => {
  const file = join(t.testdir({}), 'log')
  t.match(run(file), { stdout: 'alive', status: 0 })
  t.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 5_000)
})
