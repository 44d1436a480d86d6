// Real: the calls and their neighbours. Fake: the channels, the journal, the recorder and the clock.
import t from 'tap'
import { flushPromises } from '../../../support/fakes/fake-call.js'
import { agent, id, recordedCaller, stranger } from '../../../support/fakes/recorded-caller.js'

const dials = (stage: 'heard' | 'answered' | 'over', { channel, name } = stranger) =>
  ({ fact: 'dials', peer: { channel, name, near: false, early: true }, stage, at: 5 }) as const
const met = (...peers: (typeof agent)[]) => ({ fact: 'with', peers, at: 6 }) as const

t.test('somebody outside who is heard before answering bars the recording, and is not asked', async t => {
  const { calls, fact, since, whispers } = await recordedCaller()
  since()
  fact(id('1.1'), dials('heard'))
  t.strictSame(since(), ['pause party'])
  fact(id('1.1'), dials('over'))
  t.strictSame(since(), ['resume party'])
  fact(id('1.1'), dials('heard'))
  fact(id('1.1'), dials('answered'))
  fact(id('1.1'), met(stranger))
  t.strictSame(since(), ['pause party'], 'it goes on when the bridge is reported')
  fact(id('1.1'), met())
  t.strictSame(since(), ['resume party'])
  t.strictSame(whispers(stranger.channel), [])
  fact(id('1.1'), { fact: 'hung-up', cause: 16, at: 7 })
  t.equal(calls.around.remembered, 0)
})

t.test('whoever answers and is not bridged is heard no longer', async t => {
  const { clock, fact, since } = await recordedCaller()
  since()
  fact(id('1.1'), dials('heard'))
  fact(id('1.1'), dials('answered'))
  clock.advance(5_000)
  t.strictSame(since(), ['pause party', 'resume party'])
})

t.test('whom the PBX does not have any more at a look is heard no longer', async t => {
  const { calls, fact, since } = await recordedCaller()
  since()
  fact(id('1.1'), dials('heard'))
  calls.pbxLost()
  calls.around.beginList()(new Map([[id('1.1'), {}]]))
  fact(id('1.1'), met())
  calls.bridgesCompared()
  t.strictSame(since(), ['pause party', 'resume party'], 'although nobody heard the end of the dialling')
})

t.test('whoever is heard before answering while the PBX lists its channels is in no list', async t => {
  const { calls, fact, since } = await recordedCaller()
  since()
  const takeList = calls.around.beginList()
  fact(id('1.1'), dials('heard'))
  takeList(new Map([[id('1.1'), {}]]))
  fact(id('1.1'), met())
  t.strictSame(since(), ['pause party'])
})

t.test('a phone of the company that is heard before answering bars nothing', async t => {
  const { fact, since } = await recordedCaller()
  since()
  fact(id('1.1'), dials('heard', agent))
  t.strictSame(since(), [])
})

t.test('behind a Local channel of which the PBX says nothing, somebody outside is assumed', async t => {
  const { calls, fact, since } = await recordedCaller()
  since()
  const local = { ...stranger, name: 'Local/7@x-1;1' }
  fact(id('1.1'), dials('heard', local))
  await flushPromises()
  t.strictSame(since(), ['pause party'])
  fact(id('1.1'), dials('over', local))
  t.strictSame(since(), ['resume party'])
  fact(id('1.1'), { fact: 'hung-up', cause: 16, at: 7 })
  t.equal(calls.around.remembered, 0)
})
