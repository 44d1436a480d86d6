// Real: who is heard before the answer. Fake: what the PBX says of `Local` channels, who is of the company, and the clock.
import t from 'tap'
import { dialledBy } from '../../../../src/asterisk/ari-channel.js'
import { EarlyPeers } from '../../../../src/call/parties/early-peers.js'
import type { BehindLocal, Neighbour } from '../../../../src/call/ports.js'
import { flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { id } from '../../../support/fakes/recorded-caller.js'

const CALLER = id('1.1')
const channel = (own: string, name: string, near = false): Neighbour => ({ channel: id(own), name, near })
const local = channel('2.1', 'Local/7@x-1;1')
const [carrier, anna] = [channel('3.1', 'PJSIP/carrier-2'), channel('3.2', 'PJSIP/anna-2')]

/** @param data what `Dial` dials behind the `Local` channel; undefined if the PBX does not say */
function setUp(data?: string) {
  const clock = new FakeClock()
  const state = { answers: true, asked: 0 }
  const behind = async (): Promise<BehindLocal | undefined> => {
    state.asked += 1
    if (!state.answers) return new Promise(() => {})
    return data === undefined ? undefined : { half: id('2.2'), dials: dialledBy(data) }
  }
  const early = new EarlyPeers({
    hasCall: one => one === CALLER,
    isInside: (_, { name }) => name.startsWith('PJSIP/anna'),
    behind,
    clock,
    changed() {},
  })
  const dials = (own: string, peer: Neighbour, stage: 'heard' | 'answered' | 'over') =>
    early.heard(id(own), { fact: 'dials', peer, stage, at: clock.now() })
  const heard = () => early.join(CALLER, []).map(one => `${one.channel}`)
  return { clock, early, dials, heard, state }
}

t.test('whom a Dial dials', t => {
  t.strictSame(
    dialledBy('PJSIP/anna/sip:anna@10.0.0.1&PJSIP/49301@carrier&SIP/anna&Local/7@x/n,30,t').map(
      ({ name }) => name,
    ),
    ['PJSIP/anna-0', 'PJSIP/carrier-0', 'SIP/anna-0', 'Local/7@x/n'],
  )
  t.strictSame(dialledBy(''), [])
  t.end()
})

t.test('behind a Local channel that dials outside, somebody is heard until it is known who', async t => {
  const { early, dials, heard } = setUp('PJSIP/carrier,60')
  dials('1.1', local, 'heard')
  await flushPromises()
  t.strictSame(heard(), ['2.1-behind'])
  dials('2.2', carrier, 'heard')
  t.strictSame(heard(), ['3.1'])
  dials('2.2', carrier, 'over')
  dials('2.2', anna, 'heard')
  t.strictSame(heard(), [], 'a phone of the company')
  dials('1.1', local, 'over')
  t.equal(early.size, 0)
})

t.test(
  'behind a Local channel that dials a phone of the company, or nobody, nobody outside is heard',
  async t => {
    for (const data of ['PJSIP/anna', '']) {
      const { dials, heard } = setUp(data)
      dials('1.1', local, 'heard')
      await flushPromises()
      t.strictSame(heard(), [])
      dials('2.2', carrier, 'heard')
      t.strictSame(heard(), ['3.1'])
    }
  },
)

t.test('a PBX that does not answer at once has somebody outside assumed', async t => {
  const { clock, dials, heard, state } = setUp('')
  state.answers = false
  dials('1.1', local, 'heard')
  await clock.advanceAndWait(100, flushPromises)
  t.strictSame(heard(), ['2.1-behind'])
})

t.test('who answers behind a Local channel counts until the bridge is reported', async t => {
  const { clock, dials, heard } = setUp('PJSIP/carrier')
  dials('1.1', local, 'heard')
  await flushPromises()
  dials('2.2', carrier, 'answered')
  t.strictSame(heard(), ['2.1-behind'])
  await clock.advanceAndWait(2_000, flushPromises)
  t.strictSame(heard(), [])
})

t.test('a Local channel that has answered is followed while its other half is in the dialplan', async t => {
  const { early, dials, state } = setUp('')
  const near = { ...local, near: true }
  const heard = (...peers: Neighbour[]) => early.join(CALLER, peers).map(one => `${one.channel}`)
  t.strictSame(heard(near), ['2.1'])
  await flushPromises()
  dials('2.2', carrier, 'heard')
  t.strictSame(heard(near), ['2.1', '3.1'])
  t.equal(state.asked, 1)
  t.strictSame(heard(near, channel('2.2', 'Local/7@x-1;2'), carrier), ['2.1', '2.2', '3.1'])
  t.equal(early.size, 0, 'the bridges say it')
})

t.test('channels that have ended are forgotten', async t => {
  for (const gone of ['1.1', '2.1', '2.2']) {
    const { early, dials } = setUp('PJSIP/carrier')
    dials('1.1', local, 'heard')
    await flushPromises()
    early.gone(id(gone), 1)
    t.equal(early.size, 0, gone)
  }
  const { early, dials, heard } = setUp('PJSIP/carrier')
  dials('1.1', local, 'heard')
  await flushPromises()
  early.beginList()(new Map([[id('2.1'), {}]]))
  t.strictSame(heard(), ['2.1-behind'])
  early.beginList()(new Map())
  t.equal(early.size, 0)
})
