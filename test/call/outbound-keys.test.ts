// Real: Asterisk, SIP phones, the service and its keeper, PostgreSQL. Fake: none.
// The keys of a pause, of a question in the conversation and of a withdrawal, where an agent has called a customer, by both ways of `Dial`. Everybody
// has a tone, by which the recordings are measured. All scenes run at the same time.
// Long only: keys on outbound calls; `call/outbound` has the answers.
import t from 'tap'
import type { AnsweredCall, Phone } from '../../lab/phone.js'
import type { EventType } from '../../src/core/events.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { exactly } from '../support/assertions/exactly.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { press } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import {
  connect,
  LIMIT,
  pickUp,
  sayCard,
  stayApart,
  waitUntilConnected,
} from '../support/situations/company.js'
import { channelsLeft, dialCustomer, journalled, type Way } from '../support/situations/outbound.js'
import { Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. No two share a multiple, and no prompt that is whispered sounds as high as those who have withdrawn. */
const HZ = { before: 1_730, refused: 3_170, agent: 1_370, card: 1_010, after: 2_690, withdrawn: 3_330 }
const [PAUSE, ASK, WITHDRAW] = ['*7', '*8', '*9'] as const
const LINE = '651'
/** The numbers that agents dial. */
const NUMBERS = { G: { pauses: '841', asks: '842' }, U: { pauses: '843', asks: '844' } } as const
const WAYS: readonly Way[] = ['G', 'U']
const customerOf = (number: string) => `79990000${number}`

const all = WAYS.flatMap(way => Object.values(NUMBERS[way]))
const customers: Readonly<Record<string, Phone>> = await openPhones(t, ...all)
const agents: Readonly<Record<string, Phone>> = await openPhones(t, ...all)

const dialBy = (way: Way, number: string) => dialCustomer(customers[number]!, LINE, customerOf(number), way)
const lab = await startCallLab(t, {
  extensions: WAYS.flatMap(way =>
    Object.values(NUMBERS[way]).map(number => `exten => ${number},1,${dialBy(way, number)}`),
  ).join('\n'),
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  // What was recorded before a withdrawal is kept, so that it can be measured.
  lines: [quickLine(LINE, { waitMs: 20_000, askKeys: ASK, onWithdraw: 'keep' })],
})

/** A phone of the company calls a customer, who answers the question with this key. */
async function call(number: string, key: '1' | '2') {
  const agent = await connect(lab, agents[number]!, `extension ${number}@from-lab`)
  const customer = await pickUp(customers[number]!)
  const said = new Said(HZ, customer)
  await journalled(lab, customerOf(number), 'consent.asked')
  await customer.press(key)
  await journalled(lab, customerOf(number), 'call.released')
  await Promise.all([waitUntilConnected(agent, customer), waitUntilConnected(customer, agent)])
  return { agent, customer, said }
}

/** Both speak. @param voice the customer's */
const speak = (said: Said, customer: AnsweredCall, agent: AnsweredCall, voice: string) =>
  Promise.all([said.by(customer, voice, 4_000), said.by(agent, 'agent', 4_000)])

/** The agent hangs up. @returns the call, when the journal has all of it */
async function finish(number: string, agent: AnsweredCall, customer: AnsweredCall) {
  await stayApart()
  await agent.hangup()
  await customer.waitForEnd(LIMIT)
  await journalled(lab, customerOf(number), 'call.ended')
  return journalled(lab, customerOf(number), 'recording.finished')
}

const has = ({ events }: CallTimeline, wanted: EventType) => events.some(({ type }) => type === wanted)

/** Agent and customer talk, the agent pauses and goes on, and the customer withdraws. */
async function pauses(number: string) {
  const { agent, customer, said } = await call(number, '1')
  await speak(said, customer, agent, 'before')
  await sayCard(said, { caller: customer }, agent)
  await speak(said, customer, agent, 'after')
  await stayApart()
  // These are the keys of the customer.
  await press(agent, WITHDRAW)
  await stayApart()
  const early = has(await journalled(lab, customerOf(number), 'recording.resumed'), 'consent.withdrawn')
  await press(customer, WITHDRAW)
  await journalled(lab, customerOf(number), 'consent.withdrawn')
  await said.by(customer, 'withdrawn')
  return { call: await finish(number, agent, customer), said, early }
}

const inConversation = (event: Record<string, unknown>) => event['inConversation'] === true

/** The customer refuses, and the agent has the customer asked again, who agrees. Then the agent pauses. */
async function asks(number: string) {
  const { agent, customer, said } = await call(number, '2')
  // These are the keys of the agent.
  await press(customer, ASK)
  await said.by(customer, 'refused')
  const early = has(await journalled(lab, customerOf(number), 'call.released'), 'consent.requested')
  await press(agent, ASK)
  await journalled(lab, customerOf(number), 'consent.asked', inConversation)
  await customer.press('1')
  // Recorded is what comes after the confirmation.
  await journalled(lab, customerOf(number), 'prompt.ended', ({ role }) => role === 'granted')
  await stayApart()
  await speak(said, customer, agent, 'after')
  await stayApart()
  await press(agent, PAUSE)
  await journalled(lab, customerOf(number), 'recording.paused')
  await said.by(customer, 'card')
  return { call: await finish(number, agent, customer), said, early }
}

const played = await Promise.all(
  WAYS.map(async way => {
    const [paused, asked] = await Promise.all([pauses(NUMBERS[way].pauses), asks(NUMBERS[way].asks)])
    return { way, paused, asked }
  }),
)

for (const { way, paused, asked } of played) {
  situation(
    t,
    lab,
    `outbound by Dial with ${way}: the agent pauses by ${PAUSE}, the customer withdraws by ${WITHDRAW}`,
    {
      ...{ ...paused, asked: 1, unagreed: ['card', 'withdrawn'] },
      allowed: ['both sides', 'nothing (agent)', 'both sides', 'nothing (withdrawn)'],
    },
  )
  situation(t, lab, `outbound by Dial with ${way}: the agent has the customer asked by ${ASK}, after a no`, {
    ...{ ...asked, asked: 2, unagreed: ['refused', 'card'] },
    allowed: ['both sides', 'nothing (agent)'],
  })
}

t.test('keys count from the side that they are for', t => {
  for (const { way, paused, asked } of played) {
    t.notOk(paused.early, `${way}: an agent does not withdraw for the customer`)
    t.notOk(asked.early, `${way}: a customer does not ask`)
    const requested = asked.call.events.filter(({ type }) => type === 'consent.requested')
    t.match(requested, exactly({ by: 'agent', line: LINE }))
    t.match(
      paused.call.events.find(({ type }) => type === 'call.agent-joined'),
      { agent: 'PJSIP/agent' },
    )
  }
  t.end()
})

t.test('no channel is left, and the recordings are as the journal says', async t => {
  t.equal(await channelsLeft(lab), '0 active channels')
  t.strictSame((await lab.verify()).faults, [])
})
