// Real: the pause switch. Fake: the recorder and the clock.
import t from 'tap'
import type { Verdict, Verdicts } from '../../../../src/call/parties/parties.js'
import { createPauseSwitch } from '../../../../src/call/run/pause-switch.js'
import { type CallId, newCallId } from '../../../../src/core/ids.js'
import type { OmittedBy } from '../../../../src/core/party-events.js'
import { keyLine } from '../../../support/data/policies.js'
import { flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

/** The same for all recordings. */
const all = (verdict: Verdict): Verdicts => new Map([['service', verdict]])

/**
 * A recorder that lists what it is asked for, and a clock that the test moves.
 *
 * @param recorded whether the call is recorded
 * @param since when a recovered pause began, ms
 * @param by what paused it
 */
function setUp(start: { recorded?: boolean; since?: number; by?: OmittedBy } = {}) {
  const calls: string[] = []
  const held: string[] = []
  let { recorded = true } = start
  let paused =
    start.since === undefined ? undefined : { since: start.since, by: start.by ?? ('agent' as OmittedBy) }
  let now = 10_000
  let timers: { due: number; fn: () => void }[] = []
  const call: CallId = newCallId()
  const recorder = {
    pause(_: CallId, at: number, by: OmittedBy) {
      calls.push(`pause ${by} ${at}`)
      if (recorded) paused ??= { since: at, by }
      return recorded ? Promise.resolve() : undefined
    },
    resume(_: CallId, at: number, by: string) {
      calls.push(`resume ${by} ${at}`)
      paused = undefined
      return recorded
    },
    hold: (_: CallId, from: number) => void held.push(`hold ${from}`),
    leaveOutHeld: (_: CallId, at: number, by: OmittedBy) => void held.push(`leave out ${by} ${at}`),
    pausedSince: () => paused?.since,
    pausedBy: () => paused?.by,
    recordedPurposes: () => (recorded ? ['service'] : []),
  }
  const clock = {
    now: () => now,
    elapsed: () => now,
    after(ms: number, fn: () => void) {
      const timer = { due: now + ms, fn }
      timers.push(timer)
      return () => {
        timers = timers.filter(other => other !== timer)
      }
    },
  }
  const policy = () => ({ ...keyLine, pauseMaxMs: 60_000 })
  return {
    calls,
    held,
    recorder,
    call,
    record() {
      recorded = true
    },
    pauseSwitch: createPauseSwitch({ call, recorder, clock, policy }),
    later(ms: number) {
      now += ms
      for (const { fn } of timers.filter(({ due }) => due <= now)) fn()
      timers = timers.filter(({ due }) => due > now)
    },
  }
}

t.test("the agent's keys pause and resume in turn", async t => {
  const { pauseSwitch, calls } = setUp()
  for (const [at, digit] of [...'*7x*7'].entries()) pauseSwitch.key(digit, at)
  t.strictSame(calls, ['pause agent 1', 'resume agent 4'])
  pauseSwitch.key('*', 10_000)
  pauseSwitch.key('7', 13_001)
  t.equal(calls.length, 2, 'keys too far apart do not count')
})

t.test('recording resumes by itself, `pauseMaxMs` after the last pause, and only once', async t => {
  const { pauseSwitch, calls, later } = setUp()
  void pauseSwitch.pause('api', 10_000)
  later(59_999)
  void pauseSwitch.pause('api', 69_999)
  later(59_999)
  t.strictSame(calls, ['pause api 10000'])
  later(1)
  later(600_000)
  t.strictSame(calls.slice(1), ['resume timeout 129999'])
})

t.test('a resumption or the end of the call stops the timer', async t => {
  const { pauseSwitch, calls, later } = setUp()
  void pauseSwitch.pause('api', 1)
  t.ok(pauseSwitch.resume('api', 2))
  void pauseSwitch.pause('api', 3)
  pauseSwitch.end()
  later(600_000)
  t.strictSame(calls, ['pause api 1', 'resume api 2', 'pause api 3'])
})

t.test('a call that is not recorded cannot be paused', async t => {
  const { pauseSwitch, later, calls } = setUp({ recorded: false })
  t.equal(pauseSwitch.pause('api', 1), undefined)
  later(600_000)
  t.strictSame(calls, [], 'no timer runs for it')
})

t.test('a recovered pause ends when it would have ended', async t => {
  const { calls, later } = setUp({ since: 5_000 })
  later(54_999)
  t.strictSame(calls, [])
  later(1)
  t.strictSame(calls, ['resume timeout 65000'])
  const long = setUp({ since: -600_000 })
  long.later(0)
  t.strictSame(long.calls, ['resume timeout 10000'], 'it ends at once if that time has passed')
})

t.test('whoever is present bars the recording, and no time ends that', async t => {
  const { pauseSwitch, calls, later } = setUp()
  pauseSwitch.judge(all('record'), 1)
  pauseSwitch.judge(all('party'), 2)
  pauseSwitch.judge(all('party'), 3)
  later(600_000)
  pauseSwitch.judge(all('record'), 4)
  t.strictSame(calls, ['pause party 2', 'resume party 4'])
  pauseSwitch.judge(all('party'), 5)
  pauseSwitch.judge(all('line'), 6)
  t.strictSame(calls.slice(2), ['pause party 5', 'resume party 6', 'pause line 6'], 'the reason may change')
})

t.test('a recording goes on when neither a pause nor a bar holds', async t => {
  const { pauseSwitch, calls, later } = setUp()
  const typePause = (at: number) => [...'*7'].forEach(digit => void pauseSwitch.key(digit, at))
  pauseSwitch.judge(all('party'), 1)
  typePause(2)
  pauseSwitch.judge(all('record'), 3)
  t.strictSame(calls.splice(0), ['pause party 1', 'resume party 2', 'pause agent 2'], 'a card number is said')
  pauseSwitch.judge(all('party'), 4)
  typePause(5)
  t.strictSame(calls.splice(0), ['resume agent 5', 'pause party 5'], 'somebody is still there')
  t.ok(pauseSwitch.pause('api', 6))
  t.strictSame(calls.splice(0), ['resume party 6', 'pause api 6'])
  later(60_000)
  t.strictSame(calls.splice(0), ['resume timeout 70000', 'pause party 70000'])
  pauseSwitch.judge(all('record'), 80_000)
  t.strictSame(calls, ['resume party 80000'])
})

t.test('a bar may leave one side, and a pause of the agent leaves none', async t => {
  const { pauseSwitch, calls } = setUp({ since: 5_000, by: 'own-side' })
  pauseSwitch.judge(all('own-side'), 1)
  t.strictSame(calls, [], 'it was so before the service started')
  t.ok(pauseSwitch.pause('api', 2))
  pauseSwitch.resume('api', 3)
  pauseSwitch.judge(all('line'), 4)
  pauseSwitch.judge(all('record'), 5)
  t.strictSame(calls, [
    ...['resume own-side 2', 'pause api 2', 'resume api 3', 'pause own-side 3'],
    ...['resume own-side 4', 'pause line 4', 'resume line 5'],
  ])
})

t.test('a pause is stored when it says so, also if a question ends by it', async t => {
  const { recorder, call, calls } = setUp()
  let store = () => {}
  const pause: typeof recorder.pause = (...given) => {
    void recorder.pause(...given)
    return new Promise<void>(resolve => {
      store = resolve
    })
  }
  const pauseSwitch = createPauseSwitch({
    ...{ call, recorder: { ...recorder, pause }, clock: new FakeClock(), policy: () => keyLine },
    onPause() {
      pauseSwitch.judge(all('record'), 2)
    },
  })
  let isStored = false
  void pauseSwitch.pause('api', 1)?.then(() => {
    isStored = true
  })
  await flushPromises()
  t.strictSame([isStored, calls], [false, ['pause api 1']])
  store()
  await flushPromises()
  t.ok(isStored)
  pauseSwitch.end()
})

t.test('a recording that is prepared while it is barred begins paused', async t => {
  const site = setUp({ recorded: false })
  site.pauseSwitch.judge(all('party'), 1)
  t.strictSame(site.calls.splice(0), [], 'nothing is recorded yet')
  site.record()
  site.pauseSwitch.prepared(2)
  t.strictSame(site.calls, ['pause party 2'])
})

t.test('a recovered bar lasts until it is known who is present', async t => {
  const { pauseSwitch, calls, later } = setUp({ since: 5_000, by: 'party' })
  later(600_000)
  t.strictSame(calls, [])
  pauseSwitch.judge(all('record'), 700_000)
  t.strictSame(calls, ['resume party 700000'])
})

t.test('a pause that ends in doubt leaves a bar until it is known who is present', async t => {
  const { pauseSwitch, calls, later } = setUp({ since: 5_000 })
  pauseSwitch.doubt()
  later(55_000)
  t.strictSame(calls.splice(0), ['resume timeout 65000', 'pause party 65000'])
  pauseSwitch.judge(all('record'), 65_001)
  t.ok(pauseSwitch.resume('api', 65_002))
  later(600_000)
  t.strictSame(calls, [], 'neither what is reported before the look nor a program ends it')
  t.ok(pauseSwitch.endDoubt())
  pauseSwitch.judge(all('record'), 700_000)
  t.strictSame(calls.splice(0), ['resume party 700000'])
  void pauseSwitch.pause('api', 700_001)
  pauseSwitch.resume('api', 700_002)
  t.strictSame(calls, ['pause api 700001', 'resume api 700002'], 'from then on nothing is in doubt')
})

t.test('in doubt the audio is held, and who bars the recording then has all of it left out', async t => {
  const { pauseSwitch, held } = setUp()
  pauseSwitch.judge(all('record'), 1)
  t.strictSame(held, [])
  pauseSwitch.doubt()
  t.strictSame(held.splice(0), ['hold 10000'])
  pauseSwitch.endDoubt()
  for (const [at, verdict] of (['record', 'hold', 'own-side', 'party', 'line'] as const).entries())
    pauseSwitch.judge(all(verdict), at)
  t.strictSame(held, ['leave out own-side 2', 'leave out party 3', 'leave out line 4'])
})

t.test('a pause of the recorder, which holds too much, lasts until the PBX is looked at', async t => {
  const { pauseSwitch, calls, recorder, call } = setUp()
  pauseSwitch.doubt()
  void recorder.pause(call, 1, 'party')
  pauseSwitch.prepared(2)
  pauseSwitch.judge(all('record'), 3)
  t.strictSame(calls.splice(0), ['pause party 1'])
  t.strictSame([pauseSwitch.endDoubt(), pauseSwitch.endDoubt()], [true, false])
  pauseSwitch.judge(all('record'), 4)
  t.strictSame(calls, ['resume party 4'])
})

t.test('in doubt nothing more is recorded, and less may be', async t => {
  const { pauseSwitch, calls } = setUp()
  pauseSwitch.doubt()
  pauseSwitch.judge(all('record'), 1)
  t.strictSame(calls, [], 'a recording goes on')
  pauseSwitch.judge(all('own-side'), 2)
  void pauseSwitch.pause('api', 3)
  pauseSwitch.resume('api', 4)
  pauseSwitch.judge(all('own-side'), 5)
  pauseSwitch.judge(all('line'), 6)
  pauseSwitch.endDoubt()
  pauseSwitch.judge(all('own-side'), 7)
  t.strictSame(calls, [
    ...['pause own-side 2', 'resume own-side 3', 'pause api 3', 'resume api 4', 'pause party 4'],
    ...['resume party 6', 'pause line 6', 'resume line 7', 'pause own-side 7'],
  ])
})
