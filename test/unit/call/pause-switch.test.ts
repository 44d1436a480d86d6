// Real: the pause switch and the list of peers. Fake: the recorder and the clock.
import t from 'tap'
import { createPauseSwitch } from '../../../src/call/pause-switch.js'
import { Peers } from '../../../src/call/peers.js'
import { type CallId, type ChannelId, newCallId } from '../../../src/shared/ids.js'
import { keyLine } from '../../support/data/policies.js'

/**
 * A recorder that lists what it is asked for, and a clock that the test moves.
 *
 * @param recorded whether the call is recorded
 * @param since when a recovered pause began, ms
 */
function setUp({ recorded = true, since }: { recorded?: boolean; since?: number } = {}) {
  const calls: string[] = []
  let paused = since
  let now = 10_000
  let timers: { due: number; fn: () => void }[] = []
  const call: CallId = newCallId()
  const recorder = {
    pause(_: CallId, at: number, by: string) {
      calls.push(`pause ${by} ${at}`)
      if (recorded) paused ??= at
      return recorded ? Promise.resolve() : undefined
    },
    resume(_: CallId, at: number, by: string) {
      calls.push(`resume ${by} ${at}`)
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
  pauseSwitch.pause('api', 10_000)
  later(59_999)
  pauseSwitch.pause('api', 69_999)
  later(59_999)
  t.strictSame(calls, ['pause api 10000', 'pause api 69999'])
  later(1)
  later(600_000)
  t.strictSame(calls.slice(2), ['resume timeout 129999'])
})

t.test('a resumption or the end of the call stops the timer', async t => {
  const { pauseSwitch, calls, later } = setUp()
  pauseSwitch.pause('api', 1)
  t.ok(pauseSwitch.resume('api', 2))
  pauseSwitch.pause('api', 3)
  pauseSwitch.end()
  later(600_000)
  t.strictSame(calls, ['pause api 1', 'resume api 2', 'pause api 3'])
})

t.test('a call that is not recorded cannot be paused', async t => {
  const { pauseSwitch, later, calls } = setUp({ recorded: false })
  t.equal(pauseSwitch.pause('api', 1), undefined)
  later(600_000)
  t.strictSame(calls, ['pause api 1'], 'no timer runs for it')
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

t.test('the peers of each caller are known', async t => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'] as ChannelId[]
  const peers = new Peers()
  t.strictSame(peers.join(a!, [b!]), [b])
  t.strictSame(peers.join(a!, [b!, c!]), [c], 'only new peers are returned')
  t.equal(peers.callerOf(b!), a)
  peers.join(a!, [c!])
  t.equal(peers.callerOf(b!), undefined, 'a peer that left has no caller')
  peers.join(a!, [b!, c!])
  t.strictSame(peers.join(d!, [b!]), [b], 'an agent moves to another caller')
  t.equal(peers.callerOf(b!), d)
  peers.channelGone(b!)
  t.equal(peers.callerOf(b!), undefined)
  peers.channelGone(a!)
  t.equal(peers.callerOf(c!), undefined, 'the peer of a caller who is gone has no caller')
})
