// Real: one call. Fake: the channel, the prompts, the journal, the recorder and the clock.
// Each prompt that a caller does not hear is journalled with the reason, also when it did not begin.
import t, { type Test } from 'tap'
import { beginCall } from '../../../src/call/call-machine.js'
import { runCall } from '../../../src/call/run-call.js'
import { AppError, type ErrorCode } from '../../../src/shared/errors.js'
import { newCallId } from '../../../src/shared/ids.js'
import { keyLine } from '../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../support/fakes/fake-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

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
