// Real: the calls and their neighbours. Fake: the channels, the journal, the recorder and the clock.
import t from 'tap'
import type { Neighbour } from '../../../../src/call/ports.js'
import { keyLine, twoPurposes } from '../../../support/data/policies.js'
import { agent, caller, near, recordedCaller } from '../../../support/fakes/recorded-caller.js'

const local = near('5.5', 'Local/864@sales-0000001;2')
/** Somebody whom a phone sends on to a line through a `Local` channel. */
const behind: Neighbour = { ...near('4.4', 'SIP/carrier-0000003'), near: false }

const withOf = (name: string, peers: Neighbour[]) => ({ fact: 'with', name, peers, at: 10 }) as const

t.test('whoever withdraws through a Local channel refuses for nobody on its other side', async t => {
  const { call, answered, fact, press, recorded } = await recordedCaller(keyLine)
  fact(local.channel, withOf(local.name, [behind]))
  await answered('5.5', '1')
  fact(local.channel, withOf(local.name, [behind, caller]))
  fact(caller.channel, withOf(caller.name, [local, behind]))
  await press('5.5', '*9')
  t.equal(recorded.get(call), 'party')
  fact(caller.channel, withOf(caller.name, [agent]))
  t.equal(recorded.get(call), undefined)
})

t.test('whoever comes behind a Local channel later has not refused what was refused there', async t => {
  const { call, arrive, hear, fact, press, recorded } = await recordedCaller(twoPurposes)
  await press('1.1', '1')
  await hear('1.1', 'play')
  fact(local.channel, withOf(local.name, [behind]))
  await arrive('5.5')
  for (const digit of '21') {
    await hear('5.5', 'play')
    await press('5.5', digit)
  }
  await hear('5.5', 'play')
  fact(local.channel, withOf(local.name, [agent, { ...caller, near: false }]))
  // An agent pauses the recording of that call, and lets it go on.
  for (const keys of ['*7', '*7']) await press(agent.channel, keys)
  fact(caller.channel, withOf(caller.name, [agent]))
  t.equal(recorded.get(call), undefined)
})

t.test('a caller and the half of a Local channel on which that caller agreed are one person', async t => {
  const { call, answered, fact, types, recorded } = await recordedCaller(keyLine)
  fact(local.channel, withOf(local.name, [{ ...caller, near: false }]))
  const there = await answered('5.5', '1')
  const far: Neighbour = { ...agent, near: false }
  fact(local.channel, withOf(local.name, [agent, { ...caller, near: false }]))
  fact(caller.channel, withOf(caller.name, [{ ...local, near: false }, far]))
  t.strictSame([recorded.get(call), recorded.get(there)], [undefined, undefined])
  for (const one of [call, there]) t.notOk(types(one).includes('call.party-joined'))
})

t.test('of several behind a Local channel, nobody is the one who agreed there', async t => {
  const { answered, fact, types } = await recordedCaller(keyLine)
  const [first, second] = [{ ...caller, near: false }, behind]
  fact(local.channel, withOf(local.name, [first, second]))
  const there = await answered('5.5', '1')
  fact(local.channel, withOf(local.name, [agent, first, second]))
  t.ok(types(there).includes('call.party-joined'))
})
