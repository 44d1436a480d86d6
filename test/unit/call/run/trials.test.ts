// Real: trials, the call machine and its runner. Fake: the PBX, the journal, the prompts, the gate and the clock.
import t from 'tap'
import type { RingingPbx } from '../../../../src/call/ports.js'
import { type DraftTrial, Trials } from '../../../../src/call/run/trials.js'
import { AppError, type ErrorCode } from '../../../../src/core/errors.js'
import { type ChannelId, newDraftId, type TrialId } from '../../../../src/core/ids.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { trialChannelId } from '../../../../src/core/trial.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { keyLine, noticeLine, twoPurposes } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

/** A PBX that rings, and a service that has just started. */
function setUp(policy: LinePolicy = keyLine) {
  const clock = new FakeClock(0)
  const { deps, events, types, taps } = fakeCallDeps(clock)
  const faults: { ring?: Error; journal?: Error | undefined } = {}
  let closed: 'overloaded' | undefined
  const { prompts, log } = deps
  const trials = new Trials({
    ...{ prompts, log, clock },
    journal: {
      ...deps.journal,
      async append(given, ms) {
        if (faults.journal) throw faults.journal
        await deps.journal.append(given, ms)
      },
    },
    gate: { closed: () => closed },
  })
  const channels = new Map<string, ReturnType<typeof fakeChannel>>()
  const rung: unknown[] = []
  const pbx: RingingPbx = {
    async ring(...how) {
      rung.push(how)
      if (faults.ring) throw faults.ring
    },
    recorder: () => {
      throw new Error('no prompt is recorded here')
    },
    channel(id) {
      const known = channels.get(id) ?? fakeChannel(id)
      channels.set(id, known)
      return known
    },
  }
  const request = (changes: Partial<DraftTrial> = {}): DraftTrial => ({
    ...{ by: 'anna', way: 'console', endpoint: 'PJSIP/anna', draft: newDraftId(), revision: 2, policy },
    ...changes,
  })
  /** The phone is answered. @returns its channel */
  async function answer(trial: TrialId) {
    const channel = pbx.channel(trialChannelId(trial)) as ReturnType<typeof fakeChannel>
    trials.arrived({ number: 'trial', caller: '', at: clock.now(), channel })
    await flushPromises()
    return channel
  }
  const key = async (trial: TrialId, digit: string) => {
    trials.handleChannelFact(trialChannelId(trial), { fact: 'key', digit, at: clock.now() })
    await flushPromises()
  }
  /** The PBX plays the present prompt to its end. */
  async function hear(trial: TrialId) {
    const channel = trialChannelId(trial)
    const { orders } = channels.get(channel)!
    const playback = orders
      .findLast(order => order.startsWith('play '))!
      .split(' ')
      .at(-1)!
    trials.handleChannelFact(channel, { fact: 'playing', playback, at: clock.now() })
    await clock.advanceAndWait(1_000)
    trials.handleChannelFact(channel, { fact: 'played', playback, ok: true, at: clock.now() })
    await flushPromises()
  }
  const ended = () => events.filter(({ type }) => type === 'trial.ended').map(({ data }) => data)
  const shut = () => {
    closed = 'overloaded'
  }
  return {
    ...{ trials, pbx, clock, events, types, taps, rung, channels, faults },
    ...{ request, answer, key, hear, ended, shut },
  }
}

const fails = (code: ErrorCode, message = /./) => ({ code, message })

t.test('a phone is rung, hears the draft, says yes, hears the confirmation and is hung up', async t => {
  const { trials, pbx, request, answer, key, hear, rung, events, types, taps, ended } = setUp()
  const asked = request({ endpoint: 'PJSIP/79991234567@trunk' })
  const trial = await trials.ring(asked, pbx)
  t.strictSame(rung, [[trialChannelId(trial), asked.endpoint, '100', 30]])
  const { draft } = asked
  t.match(events[0], {
    ...{ type: 'trial.started', call: null },
    data: { trial, by: 'anna', way: 'console', draft, line: '100', revision: 2 },
  })
  t.match(events[0]!.data, { endpoint: 'PJSIP/*******4567@trunk' }, 'masked')
  const channel = await answer(trial)
  await hear(trial)
  await key(trial, '1')
  await hear(trial)
  t.strictSame(
    channel.orders.map(order => order.split(' ').slice(0, 2).join(' ')),
    ['answer', 'play disclosure-key', 'play question-service', 'play granted-service', 'hang-up'],
  )
  t.strictSame(types(), ['trial.started', 'trial.ended'], 'no event of a call')
  t.match(ended()[0], {
    ...{ trial, answered: true, decision: 'granted', answers: [{ purpose: 'service', answer: 'granted' }] },
    heard: [{ prompt: 'disclosure-key' }, { prompt: 'question-service', end: 'key' }, { end: 'complete' }],
  })
  t.notOk('reason' in ended()[0]!)
  t.strictSame(taps, [], 'the recorder of calls was not asked')
  t.notOk(trials.isRelated(channel.id))
})

t.test('nothing that is pressed records, transfers or sends on', async t => {
  const lines: LinePolicy[] = [
    keyLine,
    { ...twoPurposes, onRefused: { do: 'transfer', context: 'sales', extension: '7', priority: 1 } },
    noticeLine,
    { ...keyLine, onSilent: { do: 'hangup' }, retries: 0 },
  ]
  for (const policy of lines)
    for (const keys of ['1', '2', '*9', '1*9', '12', '11*9', '*7', '3', '']) {
      const { trials, pbx, request, answer, key, clock, channels, taps, ended, types } = setUp(policy)
      const trial = await trials.ring(request(), pbx)
      await answer(trial)
      for (let round = 0; round < 400 && ended().length === 0; round += 1) {
        const channel = channels.get(trialChannelId(trial))!
        const playback = channel.orders
          .findLast(order => order.startsWith('play '))!
          .split(' ')
          .at(-1)!
        trials.handleChannelFact(channel.id, { fact: 'playing', playback, at: clock.now() })
        if (keys[round]) await key(trial, keys[round]!)
        await clock.advanceAndWait(1_000)
        trials.handleChannelFact(channel.id, { fact: 'played', playback, ok: true, at: clock.now() })
        await flushPromises()
      }
      const { orders } = channels.get(trialChannelId(trial))!
      t.equal(orders.at(-1), 'hang-up', `${policy.mode} ${keys}`)
      t.notOk(orders.some(order => order.startsWith('return')))
      t.strictSame(taps, [])
      t.strictSame(types(), ['trial.started', 'trial.ended'])
    }
})

t.test('at most three phones are rung in a minute, and one at a time for each person', async t => {
  const { trials, pbx, request, clock, rung } = setUp()
  const first = await trials.ring(request(), pbx)
  await t.rejects(trials.ring(request(), pbx), fails('request.conflict', /rung for you already/))
  trials.handleChannelFact(trialChannelId(first), { fact: 'hung-up', cause: 17, at: 0 })
  await trials.ring(request(), pbx)
  clock.advance(20_000)
  await trials.ring(request({ by: 'boris' }), pbx)
  await t.rejects(trials.ring(request({ by: 'maria' }), pbx), fails('ring.limited', /again in 40 s/))
  t.equal(rung.length, 3)
  clock.advance(40_000)
  await trials.ring(request({ by: 'maria' }), pbx)
  t.equal(rung.length, 4)
})

t.test(
  'a phone is not rung while calls would be shed, without the journal, or when the service stops',
  async t => {
    const busy = setUp()
    busy.shut()
    await t.rejects(busy.trials.ring(busy.request(), busy.pbx), fails('service.unavailable', /as many calls/))
    const unjournalled = setUp()
    unjournalled.faults.journal = new AppError('db.unavailable', 'away')
    await t.rejects(
      unjournalled.trials.ring(unjournalled.request(), unjournalled.pbx),
      fails('db.unavailable'),
    )
    t.strictSame(unjournalled.rung, [])
    t.strictSame(unjournalled.types(), [])
    unjournalled.faults.journal = new AppError('journal.timeout', 'it may be there')
    await t.rejects(
      unjournalled.trials.ring(unjournalled.request(), unjournalled.pbx),
      fails('journal.timeout'),
    )
    matchEach(t, unjournalled.ended(), [{ answered: false, reason: 'journal.timeout' }])
    t.strictSame(unjournalled.rung, [])
    unjournalled.faults.journal = undefined
    await unjournalled.trials.ring(unjournalled.request(), unjournalled.pbx)
    const stopped = setUp()
    await stopped.trials.stop(1)
    await t.rejects(
      stopped.trials.ring(stopped.request(), stopped.pbx),
      fails('service.unavailable', /stopping/),
    )
  },
)

t.test('a phone that the PBX does not ring is hung up, and the trial ends', async t => {
  for (const [pbxCode, code] of [
    ['pbx.refused', 'ring.refused'],
    ['pbx.timeout', 'service.unavailable'],
  ] as const) {
    const { trials, pbx, request, faults, channels, ended } = setUp()
    faults.ring = new AppError(pbxCode, 'no')
    await t.rejects(trials.ring(request(), pbx), fails(code))
    t.strictSame([...channels.values()][0]!.orders, ['hang-up'], 'it may ring nevertheless')
    matchEach(t, ended(), [{ answered: false, decision: null, reason: pbxCode }])
  }
})

t.test('a phone that nobody answers is not rung for ever', async t => {
  const unheard = setUp()
  const trial = await unheard.trials.ring(unheard.request(), unheard.pbx)
  await unheard.clock.advanceAndWait(35_000)
  t.strictSame(unheard.channels.get(trialChannelId(trial))!.orders, ['hang-up'])
  matchEach(t, unheard.ended(), [{ answered: false, reason: 'ring-timeout' }])
  const busy = setUp()
  const second = await busy.trials.ring(busy.request(), busy.pbx)
  busy.trials.handleChannelFact(trialChannelId(second), { fact: 'hung-up', cause: 17, at: 0 })
  matchEach(t, busy.ended(), [{ answered: false, cause: 17 }])
})

t.test('a fault, a stop, a hang-up and a rescue end a trial', async t => {
  const ends: [(one: ReturnType<typeof setUp>, channel: ChannelId) => unknown, object][] = [
    [({ trials }) => trials.failAll('pbx-lost'), { decision: 'failed', reason: 'pbx-lost' }],
    [({ trials }) => trials.stop(1_000), { decision: 'failed', reason: 'service-stopping' }],
    [
      ({ trials }, channel) => trials.handleChannelFact(channel, { fact: 'hanging-up', cause: 16, at: 0 }),
      { decision: 'abandoned' },
    ],
    [({ trials }, channel) => trials.channelsGone([channel]), { decision: 'abandoned' }],
    [
      ({ trials }, channel) => trials.rescued(channel, 5, 'service-frozen'),
      { decision: 'failed', reason: 'service-frozen' },
    ],
    [({ clock }) => clock.advanceAndWait(300_000), { answered: true }],
  ]
  for (const [end, expected] of ends) {
    const one = setUp()
    const trial = await one.trials.ring(one.request(), one.pbx)
    t.strictSame(one.trials.channels(), [trialChannelId(trial)])
    await one.answer(trial)
    await end(one, trialChannelId(trial))
    await flushPromises()
    matchEach(t, one.ended(), [{ trial, answered: true, ...expected }])
    t.strictSame(one.trials.channels(), [])
  }
})

t.test('the channel of a trial that an earlier service had is hung up, and never becomes a call', async t => {
  const { trials, pbx, ended, answer, types, events } = setUp()
  const trial = '3f0c0c3e-8b86-4d01-b42d-00c04fc964ff' as TrialId
  const channel = await answer(trial)
  t.strictSame(channel.orders, ['hang-up'])
  trials.hangUpStray(pbx.channel(channel.id), 5)
  trials.rescued(channel.id, 6, 'service-gone')
  t.strictSame(types(), ['trial.ended', 'trial.ended', 'trial.ended'])
  t.equal(new Set(events.map(({ id }) => id)).size, 1, 'one event, however often it is sent')
  t.match(ended()[0], { trial, reason: 'service-restarted' })
})
