// Real: a logger in a process of its own, whose standard error is a file or a pipe. Fake: systemd, by the variable that it sets.
import { spawnSync } from 'node:child_process'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const log = new URL('../../../src/lib/log.js', import.meta.url).href
const PROGRAM = `
  const { createLog, errorMark } = await import(${JSON.stringify(log)})
  process.stderr.write(errorMark() + '{"msg":"why it ends"}\\n')
  const log = createLog('trace')
  for (const level of ['fatal', 'error', 'warn', 'info', 'debug', 'trace']) log[level](level)
`

/** The lines of the program. @param stream what JOURNAL_STREAM says of its standard error */
function lines(dir: string, stream: (own: string) => string): string[] {
  const file = join(dir, 'log')
  const stderr = openSync(file, 'w')
  const { dev, ino } = fstatSync(stderr)
  const env = { PATH: process.env['PATH'], JOURNAL_STREAM: stream(`${dev}:${ino}`) }
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    stdio: ['ignore', 'ignore', stderr],
    env,
  })
  closeSync(stderr)
  t.equal(status, 0)
  return readFileSync(file, 'utf8').trimEnd().split('\n')
}

t.test('lines for the journal begin with their priority', async t => {
  const found = lines(t.testdir({}), own => own).map(line => [
    line.slice(0, 3),
    JSON.parse(line.slice(3)).msg,
  ])
  t.strictSame(found, [
    ['<3>', 'why it ends'],
    ['<2>', 'fatal'],
    ['<3>', 'error'],
    ['<4>', 'warn'],
    ['<6>', 'info'],
    ['<7>', 'debug'],
    ['<7>', 'trace'],
  ])
})

t.test(
  'lines for anything else are JSON alone, also where the journal takes what another program writes',
  async t => {
    for (const stream of [() => '', (own: string) => `${own}0`]) {
      const [ending, first] = lines(t.testdir({}), stream)
      t.strictSame(JSON.parse(ending!), { msg: 'why it ends' })
      t.match(JSON.parse(first!), { level: 60, msg: 'fatal' })
    }
  },
)
