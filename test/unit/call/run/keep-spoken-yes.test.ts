// Real: one call. Fake: the ear, the channel, the prompts, the journal, the recorder and the clock.
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { spokenAnswer } from '../../../support/data/call-facts.js'
import { voiceLine } from '../../../support/data/policies.js'
import {
  type CallInQuestion as Call,
  callInQuestion,
  oneQuestion,
} from '../../../support/fakes/call-in-question.js'
import { flushPromises } from '../../../support/fakes/fake-call.js'

const keeping = {
  ...oneQuestion,
  voice: {
    ...voiceLine.voice!,
    keepAnswer: { retentionDays: 40, longerBecause: 'duty', legalBasis: 'proof' },
  },
}
const sound = new Int16Array(4_000)

t.test('a committed yes is kept with its sound, on its own legal basis', async t => {
  const call = await callInQuestion(true, keeping)
  call.ear.hearings[0]!.open()
  await call.heard()
  call.ear.hearings[0]!.say({ event: 'spoken', answer: spokenAnswer('yes'), sound })
  t.strictSame(call.kept(), [], 'not before it is committed')
  await flushPromises()
  const [answered] = call.dataOf('consent.answered')
  t.strictSame(answered!.data.keepAnswer, { legalBasis: 'proof', retentionDays: 40 })
  t.strictSame(call.kept(), [`keep consent ${answered!.id} 40 4000`])
})

t.test('a yes that a key confirms is kept when the key has come', async t => {
  const call = await callInQuestion(true, { ...keeping, voice: { ...keeping.voice, keyAfterYes: true } })
  call.ear.hearings[0]!.open()
  await call.heard()
  call.ear.hearings[0]!.say({ event: 'spoken', answer: spokenAnswer('yes'), sound })
  await flushPromises()
  t.strictSame(call.kept(), [])
  call.call.handleFact({ fact: 'key', digit: '1', at: call.clock.now() })
  await flushPromises()
  t.equal(call.kept().length, 1)
})

t.test('nothing is kept of any answer but a committed yes', async t => {
  const says = (heard: 'yes' | 'no' | 'unclear') => (call: Call) =>
    call.ear.hearings.at(-1)!.say({ event: 'spoken', answer: spokenAnswer(heard), sound })
  const press = (digit: string) => (call: Call) =>
    call.call.handleFact({ fact: 'key', digit, at: call.clock.now() })
  const confirmed = { ...keeping, voice: { ...keeping.voice, keyAfterYes: true } }
  const cases: Record<string, [LinePolicy, ((call: Call) => void)[]]> = {
    'a no': [keeping, [says('no')]],
    'unclear, then a key': [keeping, [says('unclear'), press('1')]],
    'a yes, and the key for no': [confirmed, [says('yes'), press('2')]],
    'a yes, and a hang-up': [
      confirmed,
      [says('yes'), call => call.call.handleFact({ fact: 'hung-up', cause: 16 })],
    ],
    'a yes on a line that keeps none': [oneQuestion, [says('yes')]],
  }
  for (const [title, [line, deeds]] of Object.entries(cases)) {
    const call = await callInQuestion(true, line)
    call.ear.hearings[0]!.open()
    await call.heard()
    for (const deed of deeds) {
      deed(call)
      await flushPromises()
    }
    t.strictSame(call.kept(), [], title)
    t.notOk(
      call.dataOf('consent.answered').some(({ data }) => data.keepAnswer),
      title,
    )
  }
})

t.test('a yes that could not be committed is not kept', async t => {
  const call = await callInQuestion(true, keeping)
  call.ear.hearings[0]!.open()
  await call.heard()
  call.failCommits()
  call.ear.hearings[0]!.say({ event: 'spoken', answer: spokenAnswer('yes'), sound })
  await flushPromises()
  t.match(call.dataOf('consent.answered').at(-1)?.data, { answer: 'failed' })
  t.strictSame(call.kept(), [])
})

t.test('when the channel ends or leaves, the sound of a yes that waits for its key is forgotten', async t => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  /** Says a yes. @returns its sound, which only the call holds now */
  const sayYes = (call: Call) => {
    const mine = new Int16Array(4_000)
    call.ear.hearings[0]!.say({ event: 'spoken', answer: spokenAnswer('yes'), sound: mine })
    return new WeakRef(mine)
  }
  const isHeld = async (one: WeakRef<Int16Array>) => {
    await setImmediate()
    collect()
    return one.deref() !== undefined
  }
  const confirmed = { ...keeping, voice: { ...keeping.voice, keyAfterYes: true } }
  for (const fact of [{ fact: 'hung-up', cause: 16 }, { fact: 'left' }] as const) {
    const call = await callInQuestion(true, confirmed)
    call.ear.hearings[0]!.open()
    await call.heard()
    const said = sayYes(call)
    await flushPromises()
    t.ok(await isHeld(said), `${fact.fact}: before, the key may come`)
    call.call.handleFact(fact)
    t.notOk(await isHeld(said), fact.fact)
    t.match(call.call.step, /ended|talking/)
  }
})
