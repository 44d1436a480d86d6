// Real: Asterisk with its voicemail, SIP callers and phones, the service and its keeper, PostgreSQL, and the dialplan of docs/install-freepbx.md. Fake:
// FreePBX. The contexts around that dialplan have its names, its order and its variables.
// Follow-me, voicemail, feature codes and calls that agents place. Scenes that need the trunk run one after another, all others at the same time.
// Long only: further ways of FreePBX; `call/freepbx` has its queues and extensions.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { pollUntil } from '../../lab/process/start-process.js'
import type { EventType } from '../../src/core/events.js'
import { type CallTimeline, listCalls } from '../../src/journal/read/timeline.js'
import { alarmEvents } from '../support/assertions/alarms.js'
import { matchEach } from '../support/assertions/match-each.js'
import { quickLine } from '../support/data/quick-lines.js'
import { freepbxRecipes } from '../support/freepbx/recipes.js'
import { startFreepbx } from '../support/freepbx/start.js'
import { CallInJournal } from '../support/lab/call-in-journal.js'
import { press } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'
import {
  connect,
  dial,
  END_MS,
  finish,
  LIMIT,
  pickUp,
  stayApart,
  talkTo,
  waitUntilConnected,
} from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation, turnsOf } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. */
const HZ = {
  caller: 1_730,
  agent: 830,
  mobile: 1_370,
  stranger: 2_290,
  message: 3_170,
  customer: 1_010,
}
/** Debian has the voicemail of Asterisk 16 in a package that the lab does not have. */
const HAS_VOICEMAIL = asteriskVersion === 22
/** Asterisk writes about four seconds at once, ms. After this there is something to destroy. */
const BLOCKS_MS = 9_000
/** How often the code to disconnect is pressed at most, and the time until it is pressed again, ms. */
const [TIMES, AGAIN_MS] = [4, 5_000]
/** A customer, whose number is dialled nowhere else. */
const CUSTOMER = '79990000931'

const { desk, outside, away, absent, uses, dials, records } = await openPhones(
  t,
  ...(['desk', 'outside', 'away', 'absent', 'uses', 'dials', 'records'] as const),
)
/** Custom Destinations as the page has them, by the number of the extension; and what a phone dials. */
const OFFICE = `
[consentry-test]
exten => _X.,1,Gosub(consentry,s,1)
 same =>     n,Goto(from-did-direct,\${EXTEN:-3},1)

[test-phone]
exten => _X.,1,Set(CALLERID(num)=718)
 same =>     n,Goto(from-internal,\${EXTEN},1)
`
const numbers = ['4950000715', '4950000702', '4950000703', '4950000717', '4950000719']
const site = await startFreepbx(t, {
  custom: `${freepbxRecipes()}${OFFICE}`,
  routes: Object.fromEntries(numbers.map(number => [number, `consentry-test,${number},1`])),
  phones: {
    ...{ 702: away.agentEndpoint, 703: absent.agentEndpoint, 715: desk.agentEndpoint },
    ...{
      716: desk.agentEndpoint,
      717: uses.agentEndpoint,
      718: dials.agentEndpoint,
      719: records.agentEndpoint,
    },
  },
  members: {},
  groups: {},
  mailboxes: ['702', '703'],
  followMe: { 715: { extension: '716', outside: `9${CUSTOMER}` } },
  trunk: outside.endpoint,
  dialOptions: 'HhTtr',
  lab: {
    lines: [
      ...['4950000715', '4950000702', '4950000717', '4950000719'].map(number => quickLine(number)),
      quickLine('4950000703', { onHold: 'pause' }),
      quickLine('sales', { waitMs: 20_000 }),
    ],
    env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  },
})
const { pbx } = site.lab

/** An agent is called at the desk and at a number outside, and answers outside. */
async function followMe(): Promise<Played> {
  const placed = await dial(site, '4950000715')
  const said = new Said(HZ, placed.caller)
  // The tap has started by then.
  await desk.waitForRing(LIMIT)
  await said.by(placed.caller, 'caller')
  await stayApart()
  const mobile = await pickUp(outside)
  await waitUntilConnected(mobile, placed.caller)
  await Promise.all([said.by(mobile, 'mobile'), said.by(placed.caller, 'stranger')])
  return { call: await finish(placed), said }
}

/** An agent's phone dials as its extension. */
const dialFrom = (number: string) => connect(site, dials, `extension ${number}@test-phone`)

/** An agent calls a customer through the trunk, who says yes. */
async function outbound(): Promise<Played> {
  const agent = await dialFrom(`9${CUSTOMER}`)
  const customer = await pickUp(outside)
  const said = new Said(HZ, customer)
  await journalled('consent.asked')
  await customer.press('1')
  await journalled('call.released')
  await Promise.all([waitUntilConnected(agent, customer), waitUntilConnected(customer, agent)])
  await Promise.all([said.by(agent, 'agent', 5_000), said.by(customer, 'customer', 5_000)])
  await sleep(END_MS)
  await customer.hangup()
  await agent.waitForEnd(LIMIT)
  return { call: await journalled('recording.finished'), said }
}

/** Waits until the journal has an event of this type of the customer's call. @returns all of that call */
async function journalled(type: EventType): Promise<CallTimeline> {
  const has = (call: CallTimeline) => call.events.some(event => event.type === type)
  const journal = new CallInJournal(site, { caller: CUSTOMER })
  const call = await journal.waitFor(read => (has(read) ? read : undefined), LIMIT)
  if (!call) throw new Error(`the journal has no ${type}`)
  return call
}

/** An agent calls for help. Resolves when the two have heard each other. @returns the lines of all calls that the journal has */
async function emergency(): Promise<(string | null)[]> {
  const agent = await dialFrom('112')
  const help = await pickUp(outside)
  await Promise.all([waitUntilConnected(agent, help), waitUntilConnected(help, agent)])
  await agent.hangup()
  const calls = await listCalls(site.db, name => name, {})
  return calls.map(({ line }) => line)
}

/** Nobody answers, and the caller leaves a message. */
async function voicemail(number: string): Promise<Played> {
  const placed = await dial(site, number)
  const said = new Said(HZ, placed.caller)
  const inVoicemail = async () =>
    (await pbx.cli('core show channels concise'))
      .split('\n')
      .some(row => row.includes(`!${number.slice(-3)}@default`))
  if (!(await pollUntil(inVoicemail, LIMIT))) throw new Error('the caller does not come to the mailbox')
  await stayApart()
  await said.by(placed.caller, 'message', 12_000)
  return { call: await finish(placed), said }
}

/** The caller withdraws by a star and nine, and then the agent disconnects by two stars. @returns who ended the call */
async function codes(): Promise<Played & { end: unknown }> {
  const placed = await dial(site, '4950000717')
  const said = new Said(HZ, placed.caller)
  const agent = await talkTo(placed, uses)
  await said.by(placed.caller, 'caller', BLOCKS_MS)
  for (const key of '*9') await placed.caller.press(key)
  await placed.waitForEvent('recording.destroyed')
  await waitUntilConnected(agent, placed.caller)
  // On a busy machine the PBX may take the two keys for single ones.
  for (let time = 1; time <= TIMES && !placed.caller.end; time++) {
    await press(agent, '**')
    await placed.caller.waitForEnd(AGAIN_MS).catch(() => undefined)
  }
  const { end } = placed.caller
  return { call: await placed.finish(), said, end }
}

/** The agent begins a recording of the PBX by star one, and ends it. @returns the files that the PBX has of it */
async function oneTouch(): Promise<Played & { files: string[] }> {
  const placed = await dial(site, '4950000719')
  const said = new Said(HZ, placed.caller)
  const agent = await talkTo(placed, records)
  const files = () => readdir(join(pbx.dir, 'spool', 'monitor')).catch(() => [] as string[])
  for (const _ of ['begins', 'ends']) {
    await press(agent, '*1')
    await stayApart()
    await Promise.all([said.by(placed.caller, 'caller'), said.by(agent, 'agent')])
  }
  return { call: await finish(placed), said, files: await files() }
}

const [[followed, called, lines], recorded, paused, withdrawn, touched] = await Promise.all([
  (async () => [await followMe(), await outbound(), await emergency()] as const)(),
  HAS_VOICEMAIL ? voicemail('4950000702') : undefined,
  HAS_VOICEMAIL ? voicemail('4950000703') : undefined,
  codes(),
  oneTouch(),
])

const row = (title: string, played: Played, allowed: string[], unagreed: string[] = []) =>
  situation(t, site, `FreePBX: ${title}`, { ...played, asked: 1, allowed, unagreed })
// When the caller hangs up, the one outside may be gone a moment earlier.
const alone = turnsOf(followed.call).length > 2 ? ['both sides'] : []
row(
  'follow-me to a number outside',
  followed,
  ['both sides', 'nothing (party)', ...alone],
  ['mobile', 'stranger'],
)
row('an agent records by star one beside it', touched, ['both sides'])
row('an agent calls a customer', called, ['both sides'])
if (recorded && paused) {
  row('voicemail', recorded, ['both sides'])
  row('voicemail, where the line says onHold pause', paused, ['nothing'], ['message'])
  t.test('the mailbox has a message of its own, whatever the line says', async t => {
    const inbox = (box: string) => join(pbx.dir, 'spool', 'voicemail', 'default', box, 'INBOX', 'msg0000.wav')
    t.strictSame([inbox('702'), inbox('703')].map(existsSync), [true, true])
  })
}

t.test('one-touch recording on the channel of the agent raises an alarm, and our tap goes on', async t => {
  t.equal(touched.files.length, 1, 'it leaves a file on the PBX')
  const { events } = touched.call
  matchEach(
    t,
    events.filter(({ type }) => type === 'call.recorded-by-pbx'),
    [{ when: 'after', stopped: false }],
  )
  t.notOk(events.some(({ reason }) => reason === 'tap-stopped'))
  const isRaised = async () => (await alarmEvents(site, 'pbx-records')).length > 0
  t.ok(await pollUntil(isRaised, LIMIT), 'the alarm is raised')
})

t.test('star nine withdraws although H and h are set, because two stars disconnect', async t => {
  const { call, end } = withdrawn
  matchEach(t, call.recordings, [{ state: 'destroyed' }])
  t.match(end, { by: 'pbx' })
})

t.test('the hook of the page is read before the empty one of FreePBX', async t => {
  t.match(await pbx.log(), /'s' priority 1 in 'macro-dialout-trunk-predial-hook', already in use/)
})

t.test('a customer is asked on the line of the page, an emergency call never', async t => {
  t.equal(called.call.line, 'sales')
  t.strictSame(
    lines.filter(one => !numbers.includes(String(one))),
    ['sales'],
  )
})
