// Real: a process of its own and a device that is always full. Fake: none.
import { spawnSync } from 'node:child_process'
import { openSync } from 'node:fs'
import t from 'tap'

const log = new URL('../../../src/shared/log.js', import.meta.url).href

t.test('a log that cannot be written does not end the process', async t => {
  const program = `
    const { createLog } = await import(${JSON.stringify(log)})
    const log = createLog()
    for (let i = 0; i < 5_000; i++) log.info({ i }, 'a line that nobody takes, '.repeat(20))
    const { heapUsed } = process.memoryUsage()
    process.stdout.write(heapUsed < 100e6 ? 'alive' : String(heapUsed))
  `
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', openSync('/dev/full', 'w')],
    encoding: 'utf8',
  })
  t.equal(stdout, 'alive')
  t.equal(status, 0)
})
