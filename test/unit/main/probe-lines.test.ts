// Real: the rounds and the texts of the alarm. Fake: the clock, the probe calls, and whether the PBX is reached.
import t, { type Test } from 'tap'
import { AppError } from '../../../src/core/errors.js'
import type { ProbeAnswer } from '../../../src/core/probe-call.js'
import { type LineProbeDeps, lineProbes } from '../../../src/main/probe-lines.js'
import type { ProbeResult } from '../../../src/site/probe/probe-and-journal.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

const settings = { lines: ['100', '101'], cron: '7 * * * *', context: 'consentry-probe-call' }

/** @param probe what a call to a line with an answer shows: nothing, a fault, or that it fails */
function setUp(t: Test, probe: (line: string, answer: ProbeAnswer) => 'sound' | 'faulty' | AppError) {
  const clock = new FakeClock()
  const made: string[] = []
  const pbx = { connected: true }
  const probes = lineProbes({ clock } as unknown as LineProbeDeps, settings, async (_, { name }, request) => {
    const { line, answer } = request
    made.push(`${name} ${line} ${answer}`)
    const outcome = probe(line, answer)
    if (outcome instanceof AppError) throw outcome
    const faults: ProbeResult['faults'] =
      outcome === 'sound' ? [] : [{ kind: 'slow', what: { en: 'It took long.', ru: 'Долго.' } }]
    return { line, answer, ok: faults.length === 0, call: null, faults, recordings: [], times: {} }
  })
  probes.usePbx(pbx)
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  return { clock, made, pbx, probes, stop, run: () => probes.jobs[0]!.run(stop.signal) }
}

t.test('each line is called with a yes, a no and silence', async t => {
  const { made, probes, run } = setUp(t, () => 'sound')
  await run()
  t.strictSame(made, [
    'consentry 100 yes',
    'consentry 100 no',
    'consentry 100 silent',
    'consentry 101 yes',
    'consentry 101 no',
    'consentry 101 silent',
  ])
  t.strictSame(probes.failed, [])
})

t.test('while a call fails, the round is repeated, and what works again is no trouble any more', async t => {
  let broken = true
  const { clock, made, probes, run } = setUp(t, (line, answer) => {
    if (line !== '100' || !broken) return 'sound'
    if (answer === 'silent') return new AppError('db.unavailable', 'There is no database.')
    return answer === 'yes' ? 'faulty' : 'sound'
  })
  const running = run()
  await clock.advanceAndWait(0)
  t.strictSame(probes.failed, [
    { check: '100 (yes) slow', detail: '100 (yes): slow: It took long.' },
    { check: '100 (silent) db.unavailable', detail: '100 (silent): There is no database.' },
  ])
  await clock.advanceAndWait(20_000)
  t.equal(made.length, 12)
  t.equal(probes.failed.length, 2)
  broken = false
  await clock.advanceAndWait(20_000)
  t.equal(made.length, 18)
  t.strictSame(probes.failed, [])
  await running
})

t.test('a round that is due before the PBX is reached waits for it, and then calls every line', async t => {
  const { clock, made, pbx, probes, run } = setUp(t, () => (pbx.connected ? 'sound' : 'faulty'))
  pbx.connected = false
  const running = run()
  await clock.advanceAndWait(120_000)
  t.strictSame([made, probes.failed], [[], []], 'no call is made, and there is no trouble')
  pbx.connected = true
  await clock.advanceAndWait(1_000)
  await running
  t.equal(made.length, 6)
  t.strictSame(probes.failed, [])
})

t.test('what a call shows while the PBX is lost does not count, and the call is made again', async t => {
  let lost = false
  const { clock, made, pbx, probes, run } = setUp(t, (line, answer) => {
    if (line !== '100' || answer !== 'no' || lost) return 'sound'
    lost = true
    pbx.connected = false
    return 'faulty'
  })
  const running = run()
  await clock.advanceAndWait(60_000)
  t.equal(made.length, 2)
  t.strictSame(probes.failed, [])
  pbx.connected = true
  await clock.advanceAndWait(1_000)
  await running
  t.strictSame(made.slice(1, 4), ['consentry 100 no', 'consentry 100 no', 'consentry 100 silent'])
  t.strictSame(probes.failed, [])
})

t.test('a service that stops while it waits for the PBX makes no call', async t => {
  const { clock, made, pbx, run, stop } = setUp(t, () => 'sound')
  pbx.connected = false
  const running = run()
  await clock.advanceAndWait(5_000)
  stop.abort()
  await running
  t.strictSame([made, clock.timers], [[], 0])
})

t.test('a service that stops makes no further call', async t => {
  const { made, run, stop } = setUp(t, (line, answer) => {
    if (line === '100' && answer === 'no') stop.abort()
    return 'faulty'
  })
  await run()
  t.equal(made.length, 2)
})

t.test('without lines to probe there is no job', t => {
  const deps = { clock: new FakeClock() } as unknown as LineProbeDeps
  t.strictSame(lineProbes(deps, { ...settings, lines: [] }).jobs, [])
  t.end()
})
