// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// A caller comes to the line through a Local channel, as from a menu or a call that is forwarded within the PBX. Everybody has a tone, by which the
// recordings are measured.
// Long only: Local channels of the PBX; `call/parties` has the channels that most PBXs use.
import t from 'tap'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { press } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { waitForTone } from '../support/lab/tones-heard.js'
import {
  connect,
  dial,
  finish,
  LIMIT,
  sayCard,
  stayApart,
  talkTo,
  waitUntilConnected,
} from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = { before: 3_170, card: 1_010, after: 1_730, first: 830, stranger: 2_290 }
const SIDES = 'both sides'
const { serves, confers } = await openPhones(t, 'serves', 'confers')
const lab = await startCallLab(t, {
  extensions: `
exten => 870,1,Dial(Local/871@from-lab,60)
exten => 871,1,Gosub(consentry,s,1)
 same =>     n,Dial(${serves.agentEndpoint},30)
exten => 875,1,Dial(Local/876@from-lab,60)
exten => 876,1,Gosub(consentry,s,1)
 same =>     n,Goto(877,1)
exten => 877,1,Set(CONFBRIDGE(user,quiet)=yes)
 same =>     n,ConfBridge(room)
`,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: ['871', '876'].map(number => quickLine(number)),
})

/** The agent pauses twice, while the caller says a card number. */
async function pausedTwice(): Promise<Played> {
  const placed = await dial(lab, '870')
  const said = new Said(HZ, placed.caller)
  const agent = await talkTo(placed, serves)
  await said.by(placed.caller, 'before')
  await sayCard(said, placed, agent)
  await Promise.all([said.by(placed.caller, 'after'), said.by(agent, 'first')])
  await sayCard(said, placed, agent)
  await said.by(placed.caller, 'after', 5_000)
  return { call: await finish(placed), said }
}

/** The agent pauses and resumes while somebody is there whom nobody asked. */
async function pausedBesideStranger(): Promise<Played> {
  const placed = await dial(lab, '875')
  const said = new Said(HZ, placed.caller)
  const agent = await connect(lab, confers, 'extension 877@from-lab')
  await waitUntilConnected(agent, placed.caller)
  await said.by(placed.caller, 'before')
  await stayApart()
  const stranger = await PlacedCall.place(lab, { number: '877' })
  await stranger.caller.waitForAnswer(LIMIT)
  await placed.waitForEvent('call.party-joined')
  await press(agent, '*7')
  await placed.waitForEvent('recording.paused', ({ by }) => by === 'agent')
  await stayApart()
  await press(agent, '*7')
  await placed.waitForEvent('recording.resumed', ({ by }) => by === 'agent')
  const strange = said.by(stranger.caller, 'stranger', 6_000)
  await waitForTone(placed.caller, HZ.stranger, LIMIT)
  await strange
  await stranger.caller.hangup()
  await placed.waitForEvent('call.party-left')
  await stayApart()
  await said.by(placed.caller, 'after', 5_000)
  const call = await finish(placed)
  await agent.hangup()
  return { call, said }
}

const [twice, beside] = await Promise.all([pausedTwice(), pausedBesideStranger()])
situation(t, lab, 'behind a Local channel, *7 twice', {
  ...twice,
  asked: 1,
  allowed: [SIDES, 'nothing (agent)', SIDES, 'nothing (agent)', SIDES],
  unagreed: ['card'],
})
situation(t, lab, 'behind a Local channel, *7 beside somebody whom nobody asked', {
  ...beside,
  asked: 1,
  allowed: [SIDES, 'nothing (party)', SIDES, 'nothing (agent)', SIDES, 'nothing (party)', SIDES],
  unagreed: ['stranger'],
})
