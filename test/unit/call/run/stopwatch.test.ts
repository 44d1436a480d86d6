// Real: the calls and what they measure. Fake: the channel, the journal, the recorder, the prompts and the clock.
import t from 'tap'
import type { ChannelFact } from '../../../../src/call/ports.js'
import { Calls } from '../../../../src/call/run/calls.js'
import { type ChannelId, newNodeId } from '../../../../src/core/ids.js'
import type { CallMeter } from '../../../../src/core/ports.js'
import { keyLine } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { openGate } from '../../../support/fakes/gate.js'

const CHANNEL = '1.1' as ChannelId

/** A caller on a line by key who has heard the disclosure begin. Each order takes the PBX 20 ms, and each commit 30 ms. */
async function startCall(trunk?: string) {
  const clock = new FakeClock()
  const { deps } = fakeCallDeps(clock)
  const channel = fakeChannel(CHANNEL)
  const measured: unknown[] = []
  const meter: CallMeter = {
    took: (stage, ms) => void measured.push([stage, ms]),
    reacted: by => void measured.push(by),
  }
  const calls = new Calls({
    ...deps,
    journal: {
      ...deps.journal,
      append: async (...given) => {
        clock.advance(30)
        await deps.journal.append(...given)
      },
    },
    meterFor: over => {
      measured.push(over)
      return meter
    },
    lines: { find: () => keyLine },
    gate: openGate,
    unknownLine: () => keyLine,
    owner: { node: 'here', service: newNodeId() },
  })
  const slow = { ...channel, returnToDialplan: async () => clock.advance(20) }
  calls.arrived({ number: keyLine.number, caller: '7999', at: 0, trunk, channel: slow })
  const happens = async (fact: ChannelFact) => {
    await flushPromises()
    calls.handleChannelFact(CHANNEL, fact)
    await flushPromises()
  }
  /** The prompt that was started last is played to its end. */
  const hearPrompt = async () => {
    await flushPromises()
    const playback = channel.orders
      .findLast(order => order.startsWith('play '))!
      .split(' ')
      .at(-1)!
    clock.advance(20)
    await happens({ fact: 'playing', playback, at: clock.now() })
    clock.advance(1_000)
    await happens({ fact: 'played', playback, ok: true, at: clock.now() })
  }
  const press = (digit: string) => happens({ fact: 'key', digit, at: clock.now() })
  /** The question is heard as often as the line asks it, and no key follows. */
  const keepSilent = async () => {
    for (let asked = 0; asked <= keyLine.retries; asked++) {
      await hearPrompt()
      clock.advance(keyLine.waitMs)
      await flushPromises()
    }
  }
  return { measured, hearPrompt, keepSilent, press, happens }
}

t.test('a caller who answers by key is measured from the first prompt to the return', async t => {
  const { measured, hearPrompt, press } = await startCall('PJSIP/carrier')
  await hearPrompt()
  await press(keyLine.keys.yes)
  await hearPrompt()
  t.strictSame(measured, ['PJSIP/carrier', ['prompt', 20], 'key', ['decision', 30], ['return', 20]])
})

t.test('a caller who hears all questions without a key has reacted by nothing', async t => {
  const { measured, hearPrompt, keepSilent } = await startCall()
  await hearPrompt()
  await keepSilent()
  t.strictSame(measured.slice(0, 3), [undefined, ['prompt', 20], 'nothing'])
})

t.test('a caller who presses a key that is no answer has pressed one', async t => {
  const { measured, hearPrompt, keepSilent, press } = await startCall()
  await hearPrompt()
  await press('5')
  await keepSilent()
  t.strictSame(measured.slice(0, 3), [undefined, ['prompt', 20], 'key'], 'and no stage ends with that key')
})

t.test('a caller who hangs up in the disclosure has not reacted', async t => {
  const { measured, happens } = await startCall()
  await happens({ fact: 'hung-up', cause: 16, at: 0 })
  t.strictSame(measured, [undefined])
})
