// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Ways of a PBX by which somebody is heard beside a recorded caller without an answer, or without a call that the phone placed. Everybody has a tone,
// by which the recordings are measured.
import t from 'tap'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { waitForTone } from '../support/lab/tones-heard.js'
import { dial, finish, LIMIT, stayApart } from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = { before: 3_170, stranger: 2_290 }
const SIDES = 'both sides'
const { outside, rings } = await openPhones(t, 'outside', 'rings')
const lab = await startCallLab(t, {
  extensions: `
exten => 881,1,Gosub(consentry,s,1)
 same =>     n,Dial(${outside.endpoint},60)
exten => 886,1,Gosub(consentry,s,1)
 same =>     n,Dial(${rings.agentEndpoint},60)
exten => 887,1,Pickup(886@from-lab)
`,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: ['881', '886'].map(number => quickLine(number)),
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
