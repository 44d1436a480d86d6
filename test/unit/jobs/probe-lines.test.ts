// Real: the rounds and the texts of the alarm. Fake: the clock, and the probe calls.
import t, { type Test } from 'tap'
import { type LineProbeDeps, lineProbes } from '../../../src/jobs/probe-lines.js'
import type { ProbeResult } from '../../../src/operations/probe-line.js'
import { AppError } from '../../../src/shared/errors.js'
import type { ProbeAnswer } from '../../../src/shared/probe-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

const settings = { lines: ['100', '101'], cron: '7 * * * *', context: 'consentry-probe-call' }

/** @param probe what a call to a line with an answer shows: nothing, a fault, or that it fails */
function setUp(t: Test, probe: (line: string, answer: ProbeAnswer) => 'sound' | 'faulty' | AppError) {
  const clock = new FakeClock()
  const made: string[] = []
  const probes = lineProbes({ clock } as unknown as LineProbeDeps, settings, async (_, { name }, request) => {
    const { line, answer } = request
    made.push(`${name} ${line} ${answer}`)
    const outcome = probe(line, answer)
    if (outcome instanceof AppError) throw outcome
    const faults: ProbeResult['faults'] =
      outcome === 'sound' ? [] : [{ kind: 'slow', what: { en: 'It took long.', ru: 'Долго.' } }]
    return { line, answer, ok: faults.length === 0, call: null, faults, recordings: [], times: {} }
  })
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  return { clock, made, probes, stop, run: () => probes.jobs[0]!.run(stop.signal) }
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
  t.strictSame(probes.failed, ['100 (yes): slow: It took long.', '100 (silent): There is no database.'])
  await clock.advanceAndWait(20_000)
  t.equal(made.length, 12)
  t.equal(probes.failed.length, 2)
  broken = false
  await clock.advanceAndWait(20_000)
  t.equal(made.length, 18)
  t.strictSame(probes.failed, [])
  await running
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
