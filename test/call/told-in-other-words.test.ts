// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Callers who have said yes come to another line that asks for the same purpose. Everybody has a tone, by which the recordings are measured.
// Long only: several wordings of one line; `call/purposes` has one.
import t from 'tap'
import type { Phone } from '../../lab/phone.js'
import { exactly } from '../support/assertions/exactly.js'
import { LONG_WAIT_MS, quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { pressInQuestion } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { dial, finish, stayApart, talkTo } from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = { before: 3_170, after: 1_730, first: 830, second: 1_370 }
const TOKEN = 'a-token-of-the-test-of-words'
/** What callers of the line hear that tells the purpose in other words. */
const OTHER_WORDS = 'granted-service'

const { otherWords, sameWords } = await openPhones(t, 'otherWords', 'sameWords')
const lab = await startCallLab(t, {
  extensions: `
exten => 871,1,Gosub(consentry,s,1)
 same =>     n,Goto(872,1)
exten => 872,1,Gosub(consentry,s,1)
 same =>     n,Dial(${otherWords.agentEndpoint},30)
exten => 873,1,Gosub(consentry,s,1)
 same =>     n,Goto(874,1)
exten => 874,1,Gosub(consentry,s,1)
 same =>     n,Dial(${sameWords.agentEndpoint},30)
`,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent', CONSENTRY_API_TOKEN: TOKEN },
  lines: [
    ...['871', '873'].map(number => quickLine(number)),
    quickLine('872', { waitMs: LONG_WAIT_MS, disclosure: OTHER_WORDS }),
    quickLine('874', { language: 'ru' }),
  ],
})

/** A caller says yes, is sent on to a line, and talks with an agent. @param onLine what happens there */
async function sentOn(number: string, phone: Phone, onLine: (placed: PlacedCall) => Promise<unknown>) {
  const placed = await dial(lab, number)
  const said = new Said(HZ, placed.caller)
  await onLine(placed)
  const agent = await talkTo(placed, phone)
  await Promise.all([said.by(placed.caller, 'before', 6_000), said.by(agent, 'first', 6_000)])
  return { placed, said, agent }
}

/** A program has the caller asked in the conversation, who says yes. */
async function agree(placed: PlacedCall): Promise<void> {
  const { id } = (await placed.read())!
  const headers = { authorization: `Bearer ${TOKEN}` }
  const { status } = await fetch(`${lab.lab.ready.http}/api/calls/${id}/ask`, { method: 'POST', headers })
  if (status !== 200) throw new Error(`the service answers ${status} to the order to ask`)
  await placed.waitForEvent('consent.asked', ({ inConversation }) => inConversation === true)
  await placed.caller.press('1')
  await placed.waitForEvent('recording.resumed')
  await stayApart()
}

async function toOtherWords(): Promise<Played> {
  const { placed, said, agent } = await sentOn('871', otherWords, pressInQuestion('2'))
  await agree(placed)
  await Promise.all([said.by(placed.caller, 'after', 6_000), said.by(agent, 'second', 6_000)])
  return { call: await finish(placed), said }
}

async function toSameWords(): Promise<Played> {
  const { placed, said } = await sentOn('873', sameWords, one => one.waitForEvent('call.passed-through'))
  return { call: await finish(placed), said }
}

const [other, same] = await Promise.all([toOtherWords(), toSameWords()])

situation(
  t,
  lab,
  'to a line that tells the same purpose in other words: refuses, asked in the conversation: agrees',
  {
    ...{ ...other, asked: 3, allowed: ['both sides', 'nothing (line)', 'both sides'] },
    unagreed: ['before', 'first'],
  },
)
situation(t, lab, 'to a line that tells the same purpose in the same words, in another language', {
  ...{ ...same, asked: 1, allowed: ['both sides'] },
})

t.test('the journal has in which words each yes was told', async t => {
  const yeses = ({ call }: Played) => call.events.filter(({ type }) => type === 'consent.answered')
  const told = (prompt: string) => ({
    ...{ answer: 'granted', purpose: 'service' },
    told: { language: 'en', disclosure: { prompt, version: 1 }, question: { prompt: 'refused-marketing' } },
  })
  const refused = { answer: 'refused', again: true }
  const agreed = { ...told(OTHER_WORDS), inConversation: true }
  t.match(yeses(other), exactly(told('granted-marketing'), refused, agreed))
  t.match(yeses(same), exactly(told('granted-marketing')))
})

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
