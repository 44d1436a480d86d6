// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Callers who have said yes come to another line on which that yes does not hold, and are asked again. Everybody has a tone, by which the
// recordings are measured.
// Long only: further answers after the first; `call/answers` and `call/purposes` have the first ones.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { waitForAlarm } from '../support/assertions/alarms.js'
import { exactly } from '../support/assertions/exactly.js'
import { LONG_WAIT_MS, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { CallInJournal } from '../support/lab/call-in-journal.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { placesOf } from '../support/lab/tones-heard.js'
import { dial, finish, LIMIT, refer, talkTo, waitUntilConnected } from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = { before: 3_170, after: 1_730, first: 830, second: 1_370 }
/** How long each of them speaks, ms. */
const SPEECH_MS = 5_000

const { next, sells, markets, offers, keeps, redirects, serves } = await openPhones(
  t,
  ...(['next', 'sells', 'markets', 'offers', 'keeps', 'redirects', 'serves'] as const),
)
const otherBasis = { purposes: [{ ...quickPurpose(), legalBasis: 'contract' }] }
const furtherPurpose = {
  disclosure: 'disclosure-purposes',
  purposes: [quickPurpose(), quickPurpose('marketing')],
}
/** The dialplan writes down what it is told on a line. */
const told = (number: string) =>
  `Set(GLOBAL(TOLD_${number})=\${CONSENTRY_DECISION}+\${CONSENTRY_PURPOSE_service}+\${LEN(\${CONSENTRY_TAP})})`
const lineTo = (number: string, to: string) =>
  `exten => ${number},1,Gosub(consentry,s,1)\n same => n,${told(number)}\n same => n,${to}`
const lab = await startCallLab(t, {
  extensions: [
    lineTo('881', 'Goto(882,1)'),
    lineTo('882', `Dial(${next.agentEndpoint},60)`),
    lineTo('883', `Dial(${sells.agentEndpoint},60)`),
    lineTo('884', `Dial(${markets.agentEndpoint},60)`),
    lineTo('885', `Dial(${offers.agentEndpoint},60)`),
    lineTo('886', `Dial(${keeps.agentEndpoint},60)`),
    lineTo('887', `Dial(${redirects.agentEndpoint},60)`),
    lineTo('888', `Dial(${serves.agentEndpoint},60)`),
    lineTo('889', 'Goto(890,1)'),
    lineTo('890', 'Wait(20)'),
  ].join('\n'),
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: [
    ...['881', '883', '885', '887', '889'].map(number => quickLine(number)),
    quickLine('890', { mode: 'none', purposes: [] }),
    ...['882', '888'].map(number => quickLine(number, { waitMs: LONG_WAIT_MS, ...otherBasis })),
    ...['884', '886'].map(number => quickLine(number, { waitMs: LONG_WAIT_MS, ...furtherPurpose })),
  ],
})

/** What the dialplan was told on a line: the decision, the answer to the purpose `service`, and whether a tap is named. */
async function toldOn(number: string): Promise<string[]> {
  const globals = await lab.lab.pbx.cli('dialplan show globals')
  const [decision, answer, length] = new RegExp(`TOLD_${number}=(.*)`).exec(globals)![1]!.trim().split('+')
  return [decision!, answer!, Number(length) > 0 ? 'tap' : 'no tap']
}

/** How long a tone is on a side of a recording, s. */
async function secondsIn({ recordings }: CallTimeline, purpose: string, leg: 'caller' | 'agent', hz: number) {
  const { id } = recordings.find(one => one.purpose === purpose)!
  return placesOf((await lab.open(id))[leg], hz).length / 10
}

/** Two talk at the same time. */
const talk = (said: Said, pairs: [Parameters<Said['by']>[0], keyof typeof HZ][]) =>
  Promise.all(pairs.map(([speaker, voice]) => said.by(speaker, voice, SPEECH_MS)))

/** A second Gosub of the same call, on a line with another legal basis. */
async function secondGosub(): Promise<Played> {
  const placed = await dial(lab, '881')
  const said = new Said(HZ, placed.caller)
  await placed.waitForQuestion()
  await placed.caller.press('1')
  const agent = await talkTo(placed, next)
  await talk(said, [
    [placed.caller, 'after'],
    [agent, 'second'],
  ])
  return { call: await finish(placed), said }
}

/** An agent transfers the caller to a line with a further purpose, told in other words. @param service the answer to the purpose of the first line */
async function furtherLine(
  line: string,
  to: string,
  phones: (typeof sells)[],
  service: '1' | '2',
): Promise<Played> {
  const placed = await dial(lab, line)
  const said = new Said(HZ, placed.caller)
  const first = await talkTo(placed, phones[0]!)
  await talk(said, [
    [placed.caller, 'before'],
    [first, 'first'],
  ])
  await refer(first, `sip:${to}@${lab.lab.pbx.sip}`)
  for (const [i, digit] of [service, '1'].entries()) {
    await placed.waitForQuestion(i + 1)
    await placed.caller.press(digit)
  }
  const second = await talkTo(placed, phones[1]!)
  await first.hangup()
  await talk(said, [
    [placed.caller, 'after'],
    [second, 'second'],
  ])
  return { call: await finish(placed), said }
}

/** A phone sends the caller on by 302 to a line with another legal basis, where the caller says yes again. */
async function redirected(): Promise<Played & { there: CallTimeline }> {
  const from = `7997${String(process.pid % 10_000).padStart(4, '0')}887`
  const placed = await PlacedCall.place(lab, { number: '887', from }, { caller: from, line: '887' })
  await placed.caller.waitForAnswer(LIMIT)
  await pressInDisclosure('1')(placed)
  await placed.waitForEvent('call.released')
  const said = new Said(HZ, placed.caller)
  const ringing = await redirects.waitForRing(LIMIT)
  ringing.redirect(`sip:888@${lab.lab.pbx.sip}`)
  const behind = new CallInJournal(lab, { caller: from, line: '888' })
  const isAsked = ({ events }: CallTimeline) =>
    events.some(({ type }) => type === 'consent.asked') || undefined
  if (!(await behind.waitFor(isAsked, LIMIT))) throw new Error('nobody is asked on line 888')
  await placed.caller.press('1')
  const agent = await serves.answer(await serves.waitForRing(LIMIT))
  await waitUntilConnected(agent, placed.caller)
  await talk(said, [
    [placed.caller, 'after'],
    [agent, 'second'],
  ])
  const call = await finish(placed)
  return { call, said, there: (await behind.read())! }
}

/** A caller who has agreed comes at once to a line that records nothing. */
async function toNothing(): Promise<CallTimeline> {
  const placed = await dial(lab, '889')
  await placed.waitForEvent('call.passed-through')
  await sleep(SPEECH_MS)
  return finish(placed)
}

const [again, both, one, sent, empty] = await Promise.all([
  secondGosub(),
  furtherLine('883', '884', [sells, markets], '1'),
  furtherLine('885', '886', [offers, keeps], '2'),
  redirected(),
  toNothing(),
])

situation(t, lab, 'a second Gosub on a line with another legal basis: agrees again', {
  ...{ ...again, asked: 2, allowed: ['both sides', 'nothing (line)', 'both sides'] },
})
t.test('the dialplan is told granted where the second yes is recorded', async t => {
  t.strictSame(await toldOn('882'), ['granted', 'granted', 'tap'])
})

const VOICES = [
  ...[['before', 'caller'] as const, ['first', 'agent'] as const],
  ...[['after', 'caller'] as const, ['second', 'agent'] as const],
]

/** Asserts for how long each voice is on a recording at least. Of the others nothing may be there. */
async function assertSeconds(
  t: Test,
  call: CallTimeline,
  purpose: string,
  wanted: Partial<Record<keyof typeof HZ, number>>,
  voices = VOICES,
) {
  for (const [voice, leg] of voices) {
    const [seconds, least] = [await secondsIn(call, purpose, leg, HZ[voice]), wanted[voice] ?? 0]
    t.comment(`${purpose}: ${voice} for ${seconds} s`)
    if (least > 0) t.ok(seconds >= least, `${purpose} has ${voice} for ${seconds} s`)
    else t.equal(seconds, 0, `${purpose} has nothing of ${voice}`)
  }
}

const LEAST = (SPEECH_MS / 1_000) * 0.9
const all = { before: LEAST, first: LEAST, after: LEAST, second: LEAST }

t.test('a yes to both purposes of a line that tells the first in other words records both there', async t => {
  await assertSeconds(t, both.call, 'service', all)
  await assertSeconds(t, both.call, 'marketing', { after: LEAST, second: LEAST })
  t.strictSame(await toldOn('884'), ['granted', 'granted', 'tap'])
})

t.test('a no to the first purpose there pauses its recording alone', async t => {
  await assertSeconds(t, one.call, 'service', { before: LEAST, first: LEAST })
  await assertSeconds(t, one.call, 'marketing', { after: LEAST, second: LEAST })
  t.strictSame(await toldOn('886'), ['granted', 'refused', 'tap'])
})

t.test('of a caller who is sent on by 302, each half is recorded beside the other', async t => {
  // The caller's own recording has the prompts of the second line, too.
  for (const call of [sent.call, sent.there]) await assertSeconds(t, call, 'service', all, VOICES.slice(2))
  for (const { events } of [sent.call, sent.there])
    t.notOk(
      events.some(({ type }) => type === 'recording.paused' || type === 'call.party-joined'),
      'neither is an outsider to the other',
    )
  t.strictSame(await toldOn('888'), ['granted', 'granted', 'tap'])
})

t.test('a recording that its line has left empty says so, and raises an alarm', async t => {
  const found = empty.events.filter(({ type }) => type === 'recording.empty')
  t.match(found, exactly({ missing: { reason: 'line' } }))
  t.strictSame(await toldOn('890'), ['failed', 'failed', 'no tap'])
  const raised = await waitForAlarm(lab, 'recording-short', true)
  t.match(raised[0], { data: { check: 'line' } })
})

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
