// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// An agent has a caller asked in the conversation by keys. Everybody has a tone, by which the recordings are measured.
import t from 'tap'
import { exactly } from '../support/assertions/exactly.js'
import { LONG_WAIT_MS, quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { press } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import { dial, finish, stayApart, talkTo } from '../support/situations/company.js'
import { Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = { before: 3_170, after: 1_730, first: 830, second: 1_370 }
const ASK = '*8'

const { agent, onOther } = await openPhones(t, 'agent', 'onOther')
const number = (dialled: string, { agentEndpoint }: { agentEndpoint: string }) => `
exten => ${dialled},1,Gosub(consentry,s,1)
 same =>     n,Dial(${agentEndpoint},30)
`
const lab = await startCallLab(t, {
  extensions: `${number('861', agent)}${number('862', onOther)}`,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: [
    quickLine('861', { waitMs: LONG_WAIT_MS, askKeys: ASK }),
    quickLine('862', { waitMs: LONG_WAIT_MS }),
  ],
})
const inConversation = (event: Record<string, unknown>) => event['inConversation'] === true

/** A caller who has said no talks with an agent, who has the caller asked: the caller agrees. */
async function askedByKeys() {
  const placed = await dial(lab, '861', '2')
  const said = new Said(HZ, placed.caller)
  const phone = await talkTo(placed, agent)
  // These are the keys of an agent, and of nobody else.
  await placed.caller.pressKeys(ASK)
  await Promise.all([said.by(placed.caller, 'before'), said.by(phone, 'first')])
  const early = (await placed.read())!.events.some(({ type }) => type === 'consent.requested')
  await press(phone, ASK)
  await placed.waitForEvent('consent.asked', inConversation)
  await placed.caller.press('1')
  const { at } = await placed.waitForEvent('consent.answered', inConversation)
  await placed.waitForEvent('prompt.ended', one => one['role'] === 'granted' && one.at > at)
  await stayApart()
  await Promise.all([said.by(placed.caller, 'after', 6_000), said.by(phone, 'second', 6_000)])
  return { call: await finish(placed), said, early }
}

/** The same keys on a line that has none. */
async function withoutKeys() {
  const placed = await dial(lab, '862', '2')
  const phone = await talkTo(placed, onOther)
  await press(phone, ASK)
  await stayApart()
  await placed.caller.press('1')
  await stayApart()
  return finish(placed)
}

const [asked, other] = await Promise.all([askedByKeys(), withoutKeys()])

situation(t, lab, 'asked in the conversation by an agent’s keys (`askKeys`), after a no: agrees', {
  ...asked,
  asked: 2,
  allowed: ['both sides'],
  unagreed: ['before', 'first'],
})

t.test('the keys count from an agent, and the journal says who had the caller asked', t => {
  t.equal(asked.early, false, 'a caller who presses them is not asked')
  const requested = asked.call.events.filter(({ type }) => type === 'consent.requested')
  t.match(requested, exactly({ by: 'agent', line: '861' }))
  t.equal(asked.call.decision, 'granted')
  t.end()
})

t.test('on a line without such keys nobody is asked', t => {
  t.equal(other.decision, 'refused')
  t.notOk(other.events.some(({ type }) => type === 'consent.requested'))
  t.end()
})

t.test('the recordings and the tables are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
