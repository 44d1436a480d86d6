// Real: processes. Fake: their parts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { matchEach } from '../../../support/assertions/match-each.js'

const [parts, faults, log] = ['lib/process/parts', 'lib/process/faults', 'lib/log'].map(
  name => new URL(`../../../../src/${name}.js`, import.meta.url).href,
) as [string, string, string]

const SECRET = '+7 900 123-45-67'
const REJECTION = `Promise.reject(new TypeError('${SECRET}'))`

/** Runs a script until it ends by itself. */
async function run(t: Test, script: string) {
  const head = `import { runParts } from '${parts}'
import { endOnFault, stopSignal } from '${faults}'
import { createLog } from '${log}'
const say = word => void process.stdout.write(word + '\\n')
const stay = () => void setInterval(() => {}, 1_000)
`
  const child = spawn(process.execPath, ['--input-type=module', '-e', head + script])
  t.teardown(() => child.kill('SIGKILL'))
  const [out, err, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  const lines = err.split('\n').flatMap(line => (line.startsWith('{') ? [JSON.parse(line) as object] : []))
  return { code, signal, said: out.trim().split('\n'), err, lines }
}

for (const [what, fault] of [
  ['a rejection that nothing handles', `void ${REJECTION}`],
  ['an exception that nothing catches', `setImmediate(() => { throw new TypeError('${SECRET}') })`],
] as const)
  t.test(`${what} ends the parts in order, and is logged without what it quotes`, async t => {
    const ended = await run(
      t,
      `await runParts(createLog(), async parts => {
  stay()
  parts.add('journal', 1, () => say('journal ended'))
  parts.add('calls', 2, () => say('calls ended'))
  setImmediate(() => { ${fault} })
  say('stops: ' + await stopSignal())
})
process.exitCode = 0`,
    )
    t.strictSame(ended.said, ['stops: fault', 'calls ended', 'journal ended'])
    t.strictSame([ended.code, ended.signal], [1, null])
    matchEach(t, ended.lines, [
      { level: 60, kind: 'TypeError' },
      { msg: 'stopped', whole: true },
    ])
    t.notOk(ended.err.includes(SECRET))
  })

t.test('a process that ends by itself after a fault ends with exit code 1', async t => {
  const { code } = await run(
    t,
    `endOnFault(createLog())
setImmediate(() => void ${REJECTION})
await stopSignal()
process.exitCode = 0`,
  )
  t.equal(code, 1)
})

t.test('before a process waits for a signal, it ends at once', async t => {
  const { code, said } = await run(
    t,
    `endOnFault(createLog())
stay()
process.on('exit', () => say('ended'))
void ${REJECTION}`,
  )
  t.strictSame([code, said], [1, ['ended']])
})

t.test('what does not end in good order ends when the time for it is over', async t => {
  const { code, said } = await run(
    t,
    `endOnFault(createLog(), 20)
stay()
setImmediate(() => void ${REJECTION})
say(await stopSignal())
await new Promise(() => {})`,
  )
  t.strictSame([code, said], [1, ['fault']])
})

t.test('of a fault that comes again and again, some are logged', async t => {
  const { code, lines } = await run(
    t,
    `endOnFault(createLog(), 200)
stay()
setInterval(() => { throw new TypeError('${SECRET}') }, 1)
await stopSignal()
await new Promise(() => {})`,
  )
  t.equal(code, 1)
  t.ok(lines.length >= 1 && lines.length <= 20, `${lines.length} lines`)
})
