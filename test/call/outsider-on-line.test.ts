// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Somebody joins the conference of a recorded caller, answers there for that recording, and is then sent to a line that asks. Everybody has
// a tone, by which the recordings are measured.
// Long only: somebody from outside who joins; `call/asked-in-conversation` has those who are asked there.
import t from 'tap'
import type { Phone } from '../../lab/phone.js'
import { exactly } from '../support/assertions/exactly.js'
import { matchEach } from '../support/assertions/match-each.js'
import { LONG_WAIT_MS, quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import {
  connect,
  dial,
  finish,
  LIMIT,
  stayApart,
  talkTo,
  waitUntilConnected,
} from '../support/situations/company.js'
import { Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = { before: 3_170, after: 1_730, first: 830, second: 1_370, outsider: 610, agreed: 2_290 }

const { agrees, refuses, returns, sells, serves, helps } = await openPhones(
  t,
  ...(['agrees', 'refuses', 'returns', 'sells', 'serves', 'helps'] as const),
)
/** Of each scene: the tens of its numbers. 5 is the line of the recorded caller, 6 that to which the outsider is sent, 7 the conference. */
const scenes = [
  { tens: '93', member: agrees, agent: sells, there: '1', onLine: '1' },
  { tens: '94', member: refuses, agent: serves, there: '1', onLine: '2' },
  { tens: '95', member: returns, agent: helps, there: '2', onLine: '1' },
] as const
const extensions = `
exten => _9[345]5,1,Gosub(consentry,s,1)
 same =>          n,Goto(\${EXTEN:0:2}7,1)
exten => _9[345]7,1,Set(CONFBRIDGE(user,quiet)=yes)
 same =>         n,ConfBridge(room-\${EXTEN})
${scenes.map(({ tens, agent }) => `exten => ${tens}6,1,Gosub(consentry,s,1)\n same => n,Dial(${agent.agentEndpoint},30)`).join('\n')}
`
const lab = await startCallLab(t, {
  extensions,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: scenes.flatMap(({ tens }) => [
    quickLine(`${tens}5`, { waitMs: LONG_WAIT_MS, onOutsider: 'ask' }),
    quickLine(`${tens}6`, { waitMs: LONG_WAIT_MS }),
  ]),
})

/** Sends a caller to another number, as an operator's panel does. */
async function sendTo(placed: PlacedCall, number: string): Promise<void> {
  const channels = (await lab.lab.pbx.cli('core show channels concise'))
    .split('\n')
    .map(row => row.split('!'))
  const found = channels.find(row => row[7] === placed.number)?.[0]
  if (!found) throw new Error(`no channel has the number ${placed.number}`)
  await lab.lab.pbx.cli(`channel redirect ${found} from-lab,${number},1`)
}

/** Answers the question that is put in the conversation, or the one of a line. */
async function answer(asked: PlacedCall, digit: '1' | '2', aside: boolean): Promise<void> {
  const fits = ({ inConversation }: { [name: string]: unknown }) => (inConversation === true) === aside
  await asked.waitForEvent('consent.asked', fits)
  await asked.caller.press(digit)
  const { at } = await asked.waitForEvent('consent.answered', fits)
  const isConfirmed = (one: { [name: string]: unknown; at: string }) =>
    /^(granted|refused)$/.test(String(one['role'])) && one.at >= at
  await asked.waitForEvent('prompt.ended', isConfirmed)
  await stayApart()
}

async function play({ tens, member, agent, there, onLine }: (typeof scenes)[number] & { member: Phone }) {
  const placed = await dial(lab, `${tens}5`)
  const said = new Said(HZ, placed.caller)
  const colleague = await connect(lab, member, `extension ${tens}7@from-lab`)
  await waitUntilConnected(colleague, placed.caller)
  const outsider = await PlacedCall.place(lab, { number: `${tens}7` })
  const theirs = new Said(HZ, outsider.caller)
  await outsider.caller.waitForAnswer(LIMIT)
  await placed.waitForEvent('call.party-asked')
  await answer(outsider, there, true)
  if (there === '1') await placed.waitForEvent('recording.resumed')
  await stayApart()
  const voice = there === '1' ? 'agreed' : 'outsider'
  await Promise.all([said.by(outsider.caller, voice), theirs.by(colleague, 'before')])
  await stayApart()
  await sendTo(outsider, `${tens}6`)
  await placed.waitForEvent('call.party-left')
  await answer(outsider, onLine, false)
  const second = await talkTo(outsider, agent)
  await Promise.all([theirs.by(outsider.caller, 'after', 5_000), theirs.by(second, 'second', 5_000)])
  const other = await finish(outsider)
  await said.by(placed.caller, 'after', 3_000)
  const call = await finish(placed)
  await colleague.hangup()
  return { recorded: { call, said }, joined: { call: other, said: theirs }, there, onLine }
}

const played = await Promise.all(scenes.map(play))
const WORDS = { 1: 'agrees', 2: 'refuses' } as const

for (const { recorded, joined, there, onLine } of played) {
  const sides = 'both sides'
  const title = `joins a conference and ${WORDS[there]}, is sent to a line that asks, and ${WORDS[onLine]}`
  situation(t, lab, `${title}: the recorded caller`, {
    ...{ ...recorded, asked: 1, allowed: [sides, 'nothing (party)', sides] },
    unagreed: ['outsider', 'second'],
  })
  situation(t, lab, `${title}: that person, asked for the other recording and then on the line`, {
    ...{ ...joined, asked: 2, allowed: [onLine === '1' ? sides : 'nothing'] },
    unagreed: onLine === '1' ? ['before', 'agreed', 'outsider'] : ['before', 'agreed', 'after', 'second'],
  })
}

t.test('whoever answered for another recording is asked as a caller on the line', async t => {
  for (const { joined, there, onLine } of played) {
    const { events, decision, purposes, recordings } = joined.call
    const answered = { 1: 'granted', 2: 'refused' } as const
    const answers = events.filter(({ type }) => type === 'consent.answered')
    matchEach(t, answers, [
      { answer: answered[there], inConversation: true },
      { answer: answered[onLine], method: 'key' },
    ])
    t.notOk('inConversation' in answers[1]!)
    t.equal(decision, answered[onLine])
    t.match(purposes, exactly({ answer: answered[onLine] }))
    t.equal(recordings.length, onLine === '1' ? 1 : 0)
    const line = events.findIndex(({ type }) => type === 'call.answered')
    const prompts = events.slice(line).filter(({ type }) => type === 'prompt.ended')
    t.match(prompts[0], { role: 'disclosure', end: 'complete' })
  }
})

t.test('the recordings and the tables are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
