// Real: one call. Fake: the channel, the prompts, the journal, the recorder and the clock.
// Each prompt that a caller does not hear is journalled with the reason, also when it did not begin. No caller waits long for it.
import t, { type Test } from 'tap'
import { beginCall } from '../../../../src/call/machine/call-machine.js'
import { runCall } from '../../../../src/call/run/run-call.js'
import { AppError, type ErrorCode } from '../../../../src/core/errors.js'
import { newCallId } from '../../../../src/core/ids.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { keyLine } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

/** A call whose prompt `failing` fails with an error, either in the check of its files or when it is ordered. */
async function callWith(failing: string, at: 'check' | 'play', code: ErrorCode) {
  const channel = fakeChannel('caller')
  const { deps, events, types } = fakeCallDeps(new FakeClock())
  const { ready } = deps.prompts
  const { play } = channel
  const fail = async (): Promise<never> => {
    throw new AppError(code, 'it failed', { endsCall: code === 'pbx.gone' })
  }
  if (at === 'check')
    deps.prompts.ready = async (language, name) => (name === failing ? fail() : ready(language, name))
  else channel.play = async (media, id) => (media === failing ? fail() : play(media, id))
  const call = runCall(newCallId(), channel, beginCall(keyLine), deps)
  await flushPromises()
  for (const fact of [{ fact: 'heard' }, { fact: 'key', digit: '1', at: 0 }] as const) {
    call.handleFact(fact)
    await flushPromises()
  }
  return { events, types, orders: channel.orders }
}

async function isJournalled(t: Test, at: 'check' | 'play', code: ErrorCode): Promise<void> {
  const prompt = keyLine.purposes[0]!.prompts.granted
  const { events, orders } = await callWith(prompt, at, code)
  const content = { prompt, version: 1, text: prompt, sha256: 'en', lengthMs: 1_000 }
  t.match(
    events.findLast(({ type }) => type === 'prompt.ended'),
    { data: { role: 'granted', ...content, end: 'fault', heardMs: 0, reason: code } },
  )
  t.match(
    events.find(({ type }) => type === 'consent.answered')?.data,
    { answer: 'granted' },
    'the yes counts',
  )
  t.equal(orders.at(-1), 'return-to-dialplan granted /tap/new', 'and is recorded')
}

t.test('a confirmation whose files cannot be checked is journalled', t =>
  isJournalled(t, 'check', 'prompt.slow'),
)
t.test('a confirmation that the PBX refuses to play is journalled', t =>
  isJournalled(t, 'play', 'pbx.timeout'),
)

t.test('a confirmation on a channel that is gone is no fault of the prompt', async t => {
  const { events, types } = await callWith(keyLine.purposes[0]!.prompts.granted, 'play', 'pbx.gone')
  t.match(
    events.findLast(({ type }) => type === 'prompt.ended'),
    { data: { role: 'granted', end: 'hangup', heardMs: 0 } },
  )
  t.ok(types().includes('call.ended'))
})

/** Length of the disclosure, ms. */
const LENGTH_MS = 20_000

/** A call whose disclosure the PBX has accepted. @param early the PBX reports its beginning before it confirms the order */
async function inDisclosure({ early = false } = {}) {
  const [clock, channel] = [new FakeClock(), fakeChannel('caller')]
  const { deps, events } = fakeCallDeps(clock)
  const { ready } = deps.prompts
  deps.prompts.ready = async (language, name) => ({ ...(await ready(language, name)), lengthMs: LENGTH_MS })
  const { orders, play } = channel
  channel.play = async (media, id) => {
    await play(media, id)
    if (early) begins(id)
  }
  channel.stopPlaying = async id => void orders.push(`stop ${id}`)
  const call = runCall(newCallId(), channel, beginCall(keyLine), deps)
  const begins = (id: string) => call.handleChannelFact({ fact: 'playing', playback: id, at: clock.now() })
  await flushPromises()
  const [, , playback = ''] = orders.at(-1)!.split(' ')
  return {
    ...{ call, clock, playback },
    pass: (ms: number) => clock.advanceAndWait(ms, flushPromises),
    begins: () => begins(playback),
    /** What the call did after the order to play. */
    did: () => orders.slice(2),
    heard: () => events.filter(({ type }) => type === 'prompt.ended').map(({ data }) => data),
    answer: () => events.find(({ type }) => type === 'consent.answered')?.data,
  }
}

t.test('a prompt that the PBX accepts and does not begin is given up after two seconds', async t => {
  const { call, playback, pass, did, heard, answer } = await inDisclosure()
  await pass(1_999)
  t.equal(call.step, 'disclosing')
  await pass(1)
  t.strictSame(did(), [`stop ${playback}`, 'return-to-dialplan failed null'], 'the caller goes on at once')
  matchEach(t, heard(), [{ role: 'disclosure', end: 'fault', heardMs: 0, reason: 'prompt-not-started' }])
  t.match(answer(), { answer: 'failed', reason: 'prompt-not-started' })
})

t.test('a prompt that begins late has its whole length, and is stopped if it does not end', async t => {
  const { call, playback, pass, begins, did, heard } = await inDisclosure()
  await pass(1_900)
  begins()
  await pass(LENGTH_MS + 2_499)
  t.equal(call.step, 'disclosing')
  await pass(1)
  t.strictSame(did(), [`stop ${playback}`, 'return-to-dialplan failed null'])
  matchEach(t, heard(), [{ end: 'fault', heardMs: LENGTH_MS + 2_500, reason: 'prompt-stuck' }])
})

t.test('a prompt whose beginning is reported before the order is confirmed is not given up', async t => {
  const { call, pass, did } = await inDisclosure({ early: true })
  await pass(LENGTH_MS)
  t.equal(call.step, 'disclosing')
  t.strictSame(did(), [])
})
