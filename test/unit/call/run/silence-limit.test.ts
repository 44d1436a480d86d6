// Real: one call, and the orders to its channel. Fake: the PBX that takes them, the journal, the recorder and the clock.
// Each order takes nearly as long as it may. In a row they must not keep anybody in silence for more than 8 s.
import t from 'tap'
import { createAriChannel } from '../../../../src/asterisk/ari-channel.js'
import type { AriTransport } from '../../../../src/asterisk/transport/ari-transport.js'
import { beginCall } from '../../../../src/call/machine/call-machine.js'
import { runCall } from '../../../../src/call/run/run-call.js'
import type { CallDeps } from '../../../../src/call/run/running-call.js'
import { AppError } from '../../../../src/core/errors.js'
import { type ChannelId, newCallId } from '../../../../src/core/ids.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { keyLine, noticeLine } from '../../../support/data/policies.js'
import { fakeCallDeps, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { inApp, recover, yes } from '../../../support/fakes/recovered-call.js'

/** Longest silence that a caller may hear, ms. */
const LIMIT_MS = 8_000
const CHANNEL = '1.1' as ChannelId
const IN_APPLICATION = { dialplan: { app_name: 'Stasis', app_data: 'consentry,100' } }

/** A caller of a line, on a PBX that takes `orderMs` for each order. With `refuses`, it takes that long and refuses that operation. */
async function callerOn(line: LinePolicy, orderMs: number, refuses?: string) {
  const clock = new FakeClock()
  const begunAt = clock.elapsed()
  const { deps, events, taps } = fakeCallDeps(clock)
  const slowly = (ms: number) => new Promise<void>(resolve => clock.after(ms, resolve))
  const { append } = deps.journal
  const { prepare } = deps.recorder
  const pbx = {
    orderMs,
    commitMs: 0,
    prepareMs: 0,
    /** Where the dialplan went on, and after how long. */
    left: undefined as { extension: string; ms: number } | undefined,
    playback: '',
    /** What the PBX does with an operation besides: it may take longer, and refuse. */
    also: async (_operation: string) => {},
  }
  deps.journal.append = async (...given) => {
    await slowly(pbx.commitMs)
    return append(...given)
  }
  deps.recorder.prepare = async (...given) => {
    await slowly(pbx.prepareMs)
    return prepare(...given)
  }
  const request = async (_resource: string, operation: string, args: object) => {
    await slowly(pbx.orderMs)
    if (operation === refuses) throw new AppError('pbx.timeout', 'no answer', { retryable: true })
    const { playbackId, extension } = args as { playbackId?: string; extension?: string }
    if (operation === 'playWithId') pbx.playback = playbackId!
    if (operation === 'continueInDialplan')
      pbx.left = { extension: String(extension), ms: clock.elapsed() - begunAt }
    await pbx.also(operation)
    return IN_APPLICATION
  }
  const transport: AriTransport = { request, listen: async () => () => {} }
  const channel = createAriChannel(CHANNEL, 'consentry', () => transport, new Set(['service']))
  const call = runCall(newCallId(), channel, beginCall(line), deps)
  const pass = (ms: number) => clock.advanceAndWait(ms, flushPromises)
  /** The prompt that was ordered last plays to its end. */
  const hear = async () => {
    await flushPromises()
    call.handleChannelFact({ fact: 'playing', playback: pbx.playback, at: clock.now() })
    await pass(1_000)
    call.handleChannelFact({ fact: 'played', playback: pbx.playback, ok: true, at: clock.now() })
    await pass(0)
  }
  const press = (digit: string) => call.handleChannelFact({ fact: 'key', digit, at: clock.now() })
  const since = () => clock.elapsed() - begunAt
  const data = (type: string) => events.findLast(one => one.type === type)?.data
  return { call, pbx, pass, slowly, hear, press, since, data, taps }
}

/** A caller who has said yes and has heard the confirmation. Nothing has been taken yet of what follows. */
async function callerWhoAgreed(
  also: (operation: string, slowly: (ms: number) => Promise<void>) => Promise<void>,
) {
  const caller = await callerOn(keyLine, 0)
  const { pbx, pass, slowly, hear, press, since } = caller
  await pass(0)
  await hear()
  press('1')
  await pass(0)
  pbx.also = operation => also(operation, slowly)
  await hear()
  const quietFrom = since()
  return { ...caller, leftAfter: () => pbx.left!.ms - quietFrom }
}

const refusal = (code: 'pbx.timeout' | 'pbx.conflict') =>
  new AppError(code, 'as a slow PBX', { retryable: code === 'pbx.timeout' })
const isAbandoned = (tap: string) => tap.startsWith('abandon')

t.test('a caller who arrives while each order takes long goes on within 8 s', async t => {
  const { pbx, pass, data } = await callerOn(keyLine, 1_900)
  pbx.commitMs = 900
  await pass(20_000)
  t.ok(pbx.left!.ms <= LIMIT_MS, `after ${pbx.left!.ms} ms`)
  t.match(data('consent.answered'), { answer: 'failed', reason: 'too-slow' })
})

t.test('a caller who has said yes goes on within 8 s of the key', async t => {
  const { pbx, pass, hear, press, since } = await callerOn(keyLine, 0)
  await pass(0)
  await hear()
  const pressedAt = since()
  Object.assign(pbx, { orderMs: 1_900, commitMs: 900, prepareMs: 30_000 })
  press('1')
  await pass(30_000)
  t.ok(pbx.left!.ms - pressedAt <= LIMIT_MS, `after ${pbx.left!.ms - pressedAt} ms`)
})

t.test(
  'a PBX that does not take the outcome gets the channel back without it, and starts no tap',
  async t => {
    const { pbx, pass, hear, press, data, taps } = await callerOn(keyLine, 0, 'setGlobalVar')
    await pass(0)
    await hear()
    press('1')
    await pass(0)
    await hear()
    t.equal(pbx.left, undefined)
    await pass(LIMIT_MS)
    t.match(pbx.left?.extension, /^granted_[0-9a-f-]{36}$/, 'neither tap nor target')
    t.match(data('call.released'), { next: 'continue', tapped: false, reason: 'late' })
    t.ok(taps.includes('abandon /tap/new late'))
  },
)

t.test('the wait that a line asks for is no silence to be limited', async t => {
  const { call, pass, hear } = await callerOn({ ...keyLine, waitMs: 30_000, retries: 0 }, 0)
  await pass(0)
  await hear()
  await hear()
  t.equal(call.step, 'waiting')
  await pass(29_900)
  t.equal(call.step, 'waiting')
})

t.test('a PBX that is slow at times is no reason to stop asking', async t => {
  const { call, pass, hear } = await callerOn(keyLine, 600)
  await pass(1_300)
  await hear()
  await pass(700)
  await hear()
  t.equal(call.step, 'waiting')
})

t.test('an outcome that the PBX has taken stands, however late its answers to the orders are', async t => {
  let orders = 0
  const { pass, data, taps } = await callerWhoAgreed(async (operation, slowly) => {
    if (operation === 'continueInDialplan') {
      // The first order is carried out, but its answer is lost. So the second one finds the channel gone.
      orders += 1
      await slowly(orders === 1 ? 2_000 : 0)
      throw refusal(orders === 1 ? 'pbx.timeout' : 'pbx.conflict')
    }
    if (orders > 0) await slowly(1_900)
  })
  await pass(30_000)
  t.equal(orders, 2)
  t.match(data('call.released'), { next: 'continue', tapped: true })
  t.notOk(taps.some(isAbandoned), 'the dialplan has started the tap')
})

t.test('the last try to tell the outcome has half a second, also if it began before the limit', async t => {
  let tries = 0
  const { pass, data, taps, leftAfter } = await callerWhoAgreed(async (operation, slowly) => {
    if (operation !== 'subscribe') return
    tries += 1
    await slowly(tries < 3 ? 2_000 : 1_500)
    if (tries < 3) throw refusal('pbx.timeout')
  })
  await pass(30_000)
  t.match(data('call.released'), { tapped: true })
  t.notOk(taps.some(isAbandoned))
  t.ok(leftAfter() > 5_500 && leftAfter() <= 6_000, `after ${leftAfter()} ms`)
})

t.test(
  'after an order without the outcome that may be carried out yet, no tap counts as started',
  async t => {
    let orders = 0
    const { pass, data, taps } = await callerWhoAgreed(async (operation, slowly) => {
      if (operation === 'setGlobalVar' && orders === 0) throw refusal('pbx.timeout')
      if (operation !== 'continueInDialplan') return
      orders += 1
      await slowly(orders === 1 ? 2_000 : 0)
      throw refusal(orders === 1 ? 'pbx.timeout' : 'pbx.conflict')
    })
    await pass(30_000)
    t.equal(orders, 2)
    t.match(data('call.released'), { tapped: false, reason: 'late' })
    t.ok(taps.includes('abandon /tap/new late'))
  },
)

/** The longest start of a service whose callers are not rescued meanwhile, ms. */
const START_MS = 6_400
/** A disk that answers nothing, and a database on it that takes nearly as long as it may. */
const slowDisk = (deps: CallDeps, clock: FakeClock) => {
  const { append } = deps.journal
  deps.prompts.ready = () => new Promise(() => {})
  deps.recorder.prepare = () => new Promise(() => {})
  deps.journal.append = async (...given) => {
    await new Promise<void>(resolve => clock.after(900, resolve))
    return append(...given)
  }
}

t.test('a caller whom a slow start and a slow disk keep waiting goes on within 8 s', async t => {
  const notice = { ...yes, answer: 'notice' as const }
  for (const [what, policy, answers, decision] of [
    ['nothing is answered', keyLine, [], 'failed'],
    ['a yes is committed', keyLine, [yes], 'granted'],
    ['a notice is committed', noticeLine, [notice], 'notice'],
  ] as const)
    for (const waitedMs of [0, 2_000, 4_000, 5_500, START_MS]) {
      const waiting = { policy, waitedMs, change: slowDisk }
      const { clock, last } = await recover({ answers: [...answers] }, inApp, waiting)
      await clock.advanceAndWait(LIMIT_MS - waitedMs, flushPromises)
      t.equal(last(), `return-to-dialplan ${decision}`, `${what}: ${waitedMs}`)
    }
})

/** Prompts whose files are checked in so long, ms. */
const promptsIn = (ms: number) => (deps: CallDeps, clock: FakeClock) => {
  const { ready } = deps.prompts
  deps.prompts.ready = async (...given) => {
    await new Promise<void>(resolve => clock.after(ms, resolve))
    return ready(...given)
  }
}

t.test('a caller of a slow start is asked on if the first prompt begins soon', async t => {
  for (const [waitedMs, promptMs] of [
    [START_MS, 400],
    [2_000, 900],
  ] as const) {
    const waiting = { waitedMs, change: promptsIn(promptMs) }
    const { clock, last, hear, call } = await recover({}, inApp, waiting)
    await clock.advanceAndWait(promptMs, flushPromises)
    t.equal(last(), 'play interrupted', `${waitedMs}`)
    await hear()
    await clock.advanceAndWait(promptMs, flushPromises)
    t.equal(last(), 'play question-service')
    t.equal(call.step, 'asking')
  }
})

t.test('a caller who comes back from the dialplan later has not waited for the start', async t => {
  const slow = { waitedMs: START_MS, change: promptsIn(900) }
  for (const [changes, at] of [
    [{ returned: true }, null],
    [{}, { in: 'dialplan' as const }],
  ] as const) {
    const { clock, last, call } = await recover(changes, at, slow)
    call.handleFact({
      fact: 're-entered',
      policy: { ...keyLine, purposes: [{ ...keyLine.purposes[0]!, purpose: 'other' }] },
    })
    await clock.advanceAndWait(900, flushPromises)
    t.equal(last(), 'play disclosure-key')
  }
})
