// Real: the pause switch and the list of peers. Fake: the recorder and the clock.
import t from 'tap'
import { createPauseSwitch } from '../../../src/call/pause-switch.js'
import { Peers } from '../../../src/call/peers.js'
import { type CallId, type ChannelId, newCallId } from '../../../src/shared/ids.js'
import { keyLine } from '../../support/data/policies.js'

/** A recorder that lists its calls, and a clock that the test moves. */
function setUp({ recorded = true, since }: { recorded?: boolean; since?: number } = {}) {
  const calls: string[] = []
  let paused = since
  let now = 10_000
  let timers: { due: number; fn: () => void }[] = []
  const call: CallId = newCallId()
  const recorder = {
    pause(_: CallId, at: number, by: string) {
      if (recorded) calls.push(`pause ${by} ${at}`)
      if (recorded) paused ??= at
      return recorded ? Promise.resolve() : undefined
    },
    resume(_: CallId, at: number, by: string) {
      if (recorded) calls.push(`resume ${by} ${at}`)
      paused = undefined
      return recorded
    },
    pausedSince: () => paused,
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
    switched: createPauseSwitch({ call, recorder, clock, policy }),
    later(ms: number) {
      now += ms
      for (const { fn } of timers.filter(({ due }) => due <= now)) fn()
      timers = timers.filter(({ due }) => due > now)
    },
  }
}

t.test("the agent's keys pause and resume in turn", async t => {
  const { switched, calls } = setUp()
  for (const [at, digit] of [...'*7x*7'].entries()) switched.key(digit, at)
  t.strictSame(calls, ['pause agent 1', 'resume agent 4'])
  switched.key('*', 10_000)
  switched.key('7', 13_001)
  t.equal(calls.length, 2, 'keys too far apart do not count')
})

t.test('recording resumes by itself, `pauseMaxMs` after the last pause, and only once', async t => {
  const { switched, calls, later } = setUp()
  switched.pause('api', 10_000)
  later(59_999)
  switched.pause('api', 69_999)
  later(59_999)
  t.strictSame(calls, ['pause api 10000', 'pause api 69999'])
  later(1)
  later(600_000)
  t.strictSame(calls.slice(2), ['resume timeout 129999'])
})

t.test('a resumption or the end of the call stops the timer', async t => {
  const { switched, calls, later } = setUp()
  switched.pause('api', 1)
  t.ok(switched.resume('api', 2))
  switched.pause('api', 3)
  switched.end()
  later(600_000)
  t.strictSame(calls, ['pause api 1', 'resume api 2', 'pause api 3'])
})

t.test('a call that is not recorded cannot be paused', async t => {
  const { switched, later, calls } = setUp({ recorded: false })
  t.notOk(switched.pause('api', 1))
  later(600_000)
  t.strictSame(calls, [])
})

t.test('a recovered pause ends when it would have ended', async t => {
  const { calls, later } = setUp({ since: 5_000 })
  later(54_999)
  t.strictSame(calls, [])
  later(1)
  t.strictSame(calls, ['resume timeout 65000'])
  const long = setUp({ since: -600_000 })
  long.later(0)
  t.strictSame(long.calls, ['resume timeout 10000'], 'or at once if that time has passed')
})

t.test('the peers of each caller are known', async t => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'] as ChannelId[]
  const peers = new Peers()
  t.strictSame(peers.join(a!, [b!]), [b])
  t.strictSame(peers.join(a!, [b!, c!]), [c], 'only new peers are returned')
  t.equal(peers.callerOf(b!), a)
  peers.join(a!, [c!])
  t.equal(peers.callerOf(b!), undefined, 'it is no longer with the caller')
  peers.join(a!, [b!, c!])
  t.strictSame(peers.join(d!, [b!]), [b], 'an agent moves to another caller')
  t.equal(peers.callerOf(b!), d)
  peers.channelGone(b!)
  t.equal(peers.callerOf(b!), undefined)
  peers.channelGone(a!)
  t.equal(peers.callerOf(c!), undefined, 'the caller is gone')
})
