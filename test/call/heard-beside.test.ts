// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Somebody is heard beside a recorded caller: without an answer, without a call that the phone placed, and in a conversation that was joined, until
// that person withdraws. Everybody has a tone, by which the recordings are measured.
// Long only: a further withdrawal; `call/withdrawal` has the usual ones.
import t from 'tap'
import { heardIn } from '../../src/journal/read/heard-in.js'
import { listWithdrawnElsewhere } from '../../src/rights/withdrawn-elsewhere.js'
import { exactly, none } from '../support/assertions/exactly.js'
import { LONG_WAIT_MS, quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { waitForTone } from '../support/lab/tones-heard.js'
import { connect, dial, finish, LIMIT, stayApart, waitUntilConnected } from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = { before: 3_170, stranger: 2_290 }
const SIDES = 'both sides'
const { outside, rings, confers } = await openPhones(t, 'outside', 'rings', 'confers')
const lab = await startCallLab(t, {
  extensions: `
exten => 881,1,Gosub(consentry,s,1)
 same =>     n,Dial(${outside.endpoint},60)
exten => 886,1,Gosub(consentry,s,1)
 same =>     n,Dial(${rings.agentEndpoint},60)
exten => 887,1,Pickup(886@from-lab)
exten => 855,1,Gosub(consentry,s,1)
 same =>     n,Goto(857,1)
exten => 857,1,Set(CONFBRIDGE(user,quiet)=yes)
 same =>     n,ConfBridge(room)
`,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: [
    ...['881', '886'].map(number => quickLine(number)),
    quickLine('855', { waitMs: LONG_WAIT_MS, onOutsider: 'ask' }),
  ],
})
await lab.lab.pbx.cli('module load app_directed_pickup.so')

async function begin(number: string): Promise<{ placed: PlacedCall; said: Said }> {
  const placed = await dial(lab, number)
  return { placed, said: new Said(HZ, placed.caller) }
}

/** A phone outside is heard before it answers. */
async function early(): Promise<Played> {
  const { placed, said } = await begin('881')
  const ringing = await outside.waitForRing(LIMIT)
  await said.by(placed.caller, 'before')
  await stayApart()
  const stranger = await outside.speakEarly(ringing)
  const strange = said.by(stranger, 'stranger', 6_000)
  await waitForTone(placed.caller, HZ.stranger, LIMIT)
  await strange
  return { call: await finish(placed), said }
}

/** Somebody outside picks up the call that rings an agent. */
async function pickedUp(): Promise<Played> {
  const { placed, said } = await begin('886')
  await rings.waitForRing(LIMIT)
  await said.by(placed.caller, 'before')
  await stayApart()
  const stranger = await PlacedCall.place(lab, { number: '887' })
  await stranger.caller.waitForAnswer(LIMIT)
  const strange = said.by(stranger.caller, 'stranger', 6_000)
  await waitForTone(placed.caller, HZ.stranger, LIMIT)
  await strange
  return { call: await finish(placed), said }
}

const [heardEarly, picked] = await Promise.all([early(), pickedUp()])
const row = (title: string, played: Played, allowed: string[]) =>
  situation(t, lab, title, { ...played, asked: 1, allowed, unagreed: ['stranger'] })
row('somebody outside is heard before the answer', heardEarly, [SIDES, 'nothing (party)'])
row('somebody outside picks up a call that rings an agent', picked, [SIDES, 'nothing (party)'])

t.test('whoever withdraws is found in the recording of the other caller, up to then', async t => {
  const placed = await dial(lab, '855')
  const agent = await connect(lab, confers, 'extension 857@from-lab')
  await waitUntilConnected(agent, placed.caller)
  const outsider = await PlacedCall.place(lab, { number: '857' })
  await outsider.caller.waitForAnswer(LIMIT)
  await outsider.waitForEvent('consent.asked')
  await outsider.caller.press('1')
  const { at: resumed } = await placed.waitForEvent('recording.resumed')
  await stayApart()
  await outsider.caller.pressKeys('*9')
  const { at: withdrawn } = await outsider.waitForEvent('consent.withdrawn')
  const { at: paused } = await placed.waitForEvent('recording.paused', ({ at }) => at > resumed)
  await stayApart()
  const other = await outsider.finish()
  await placed.waitForEvent('call.party-left')
  const call = await finish(placed)
  await agent.hangup()

  t.match(other, { purposes: exactly({ answer: 'granted', withdrawnAt: withdrawn }), recordings: none })
  const [recording] = call.recordings
  t.match(call, { recordings: exactly({ state: 'finished' }), purposes: exactly({ answer: 'granted' }) })
  t.strictSame(await heardIn(lab.db, [other.id]), [
    {
      ...{ recording: recording!.id, call: call.id, heard: other.id, purpose: 'service', state: 'finished' },
      withdrawnAt: withdrawn,
      intervals: [{ from: resumed, to: [withdrawn, paused].sort()[0] }],
    },
  ])
  const waiting = await listWithdrawnElsewhere(lab.db, Date.now())
  t.match(waiting, exactly({ call: other.id, recordings: exactly({ recording: recording!.id }) }))
  t.match(
    call.events.filter(({ type }) => type === 'call.party-left'),
    exactly({ party: other.id }),
  )
})
