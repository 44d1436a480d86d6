// Real: the comparisons of calls with channels. Fake: the calls, the PBX, the database and the clock.
// What rejects unhandled fails the test that runs.
import t from 'tap'
import type { Whereabouts } from '../../../../src/call/ports.js'
import {
  findOver,
  findPassed,
  findUses,
  findWaiting,
  keepMatching,
  matchChannels,
} from '../../../../src/call/run/match-channels.js'
import { AppError } from '../../../../src/core/errors.js'
import type { ChannelId } from '../../../../src/core/ids.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { createErrorLog } from '../../../support/fakes/error-log.js'
import { fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

const SECRET = '+7 900 123-45-67'
const unanswered = new AppError('pbx.timeout', 'the PBX does not answer')
const mistake = new TypeError(SECRET)

/** A PBX with one channel, and calls that do what a test says. */
function setUp() {
  const clock = new FakeClock(0)
  const { log, errors } = createErrorLog()
  const channel = '1.1' as ChannelId
  const waiting: Whereabouts = { in: 'app', number: '100', caller: '' }
  const pbx = {
    ...{ connected: true, connections: 1, channel: fakeChannel, reportBridges: async () => {} },
    whereabouts: async (): Promise<ReadonlyMap<ChannelId, Whereabouts>> => new Map([[channel, waiting]]),
    dialplanUses: async () => ({ spies: [], inMailbox: [] }),
    ownChannels: async (): Promise<readonly ChannelId[]> => [channel],
    passedCalls: async () => [{ channel, arrival: { number: '100', caller: '', at: 5_000 } }],
  }
  const calls = {
    size: 1,
    channels: () => [],
    channelsGone: () => {},
    callIdOf: () => undefined,
    isServing: () => false,
    isRelated: () => false,
    resumeRecovered: () => {},
    bridgesCompared: () => {},
    passed: () => {},
    arrived: () => {},
    around: { beginList: () => () => {}, neighbours: { peersOf: () => [] }, spies: { listed: () => {} } },
  }
  const trials = { channels: () => [], channelsGone() {}, isRelated: () => false, hangUpStray() {} }
  const journalled = async (): Promise<ReadonlySet<ChannelId>> => new Set()
  const deps = { calls: calls as never, trials, pbx, journalled, clock, log }
  return { clock, deps, pbx, calls, errors }
}

const fails = (error: Error) => () => Promise.reject(error)

for (const [name, look] of [
  ['the comparison of calls with channels', matchChannels],
  ['the look for spies and mailboxes', findUses],
  ['the look for waiting callers', findWaiting],
  ['the look for calls that passed unasked', findPassed],
  ['the look for calls that passed unasked and are over', findOver],
] as const)
  t.test(`${name} logs what nothing expects, and not a PBX that does not answer`, async t => {
    const { deps, pbx, errors } = setUp()
    Object.assign(pbx, {
      ...{ whereabouts: fails(unanswered), dialplanUses: fails(unanswered) },
      ...{ ownChannels: fails(unanswered), passedCalls: fails(unanswered) },
    })
    await look(deps)
    t.strictSame(errors, [])
    Object.assign(pbx, {
      ...{ whereabouts: fails(mistake), dialplanUses: fails(mistake) },
      ...{ ownChannels: fails(mistake), passedCalls: fails(mistake) },
    })
    await look(deps)
    matchEach(t, errors, [{ kind: 'TypeError', text: String }])
    t.notOk(JSON.stringify(errors).includes(SECRET))
  })

t.test('a database that does not answer is asked again, and is no mistake', async t => {
  const { deps, errors } = setUp()
  const away = new AppError('db.unavailable', 'away')
  const gone = { ...deps, pbx: { ...deps.pbx, whereabouts: async () => new Map() } }
  t.equal(await findOver({ ...gone, journalled: fails(away) }), false)
  t.strictSame(errors, [])
  t.equal(await findOver({ ...gone, journalled: fails(mistake) }), false)
  matchEach(t, errors, [{ kind: 'TypeError' }])
})

t.test('mistakes while the service matches end neither it nor the next comparison', async t => {
  const { clock, deps, calls, errors } = setUp()
  let lists = 0
  calls.arrived = () => {
    throw mistake
  }
  calls.resumeRecovered = () => {
    lists += 1
    throw mistake
  }
  let connect = () => {}
  const matching = keepMatching(deps, callback => {
    connect = callback
  })
  t.teardown(() => matching.stop())
  connect()
  await flushPromises()
  t.match(errors.at(-1), { kind: 'TypeError', text: 'a comparison of calls with channels ended early' })
  connect()
  await flushPromises()
  t.equal(lists, 4, 'compared again; each time once more without the list')
  // The callers who wait are looked for, and cannot be taken in.
  await clock.advanceAndWait(3_000)
  await clock.advanceAndWait(3_000)
  await flushPromises()
  t.match(errors.at(-1), {
    kind: 'TypeError',
    channel: '1.1',
    text: 'a waiting caller could not be taken in',
  })
})
