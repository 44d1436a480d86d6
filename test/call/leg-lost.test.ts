// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Debian's Asterisk 22 drops the sound of a phone whose RTP sequence numbers look older than those of the phone before it. Here the service may
// not restart the tap, or sees no reason to. All scenes run at the same time.
// Long only: further phones that fall silent; `call/vanish` has the usual ones.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { toneDbfs } from '../../lab/audio/levels.js'
import { tone } from '../../lab/audio/signals.js'
import type { Phone } from '../../lab/phone.js'
import { pollUntil } from '../../lab/process/start-process.js'
import { epochMs } from '../../lab/time.js'
import { SAMPLE_RATE } from '../../src/core/audio.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { askService } from '../../src/socket/ask-service.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { press } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'
import { dial, finish, LIMIT, pickUp, talkTo, waitUntilConnected } from '../support/situations/company.js'

/** How long the second phone of a call speaks, ms. */
const SPEECH_MS = 10_000
/** What the first and the second phone of a call sound like, Hz. */
const HZ = { first: 830, second: 1_010, caller: 1_730 }
/** RTP sequence numbers at which they begin: the second ones look older. */
const SEQUENCES = { first: 1_000, second: 40_000 }

const { sends, takes, sendsMute, mute, early, answers } = await openPhones(
  ...([t, 'sends', 'takes', 'sendsMute', 'mute', 'early', 'answers'] as const),
)
const lab = await startCallLab(t, {
  extensions: `
exten => 860,1,Dial(Local/861@from-lab,60)
exten => 861,1,Gosub(consentry,s,1)
 same =>     n,Dial(${sends.agentEndpoint},30,t)
exten => 862,1,Dial(${takes.agentEndpoint},30)
exten => 863,1,Dial(Local/864@from-lab,60)
exten => 864,1,Gosub(consentry,s,1)
 same =>     n,Dial(${sendsMute.agentEndpoint},30,t)
exten => 865,1,Dial(${mute.agentEndpoint},30)
exten => 866,1,Gosub(consentry,s,1)
 same =>     n,Dial(${early.agentEndpoint},6)
 same =>     n,Dial(${answers.agentEndpoint},30)
`,
  lines: ['861', '864', '866'].map(number => quickLine(number)),
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
})

/** A finished call, and for how long its last phone was there, ms. */
interface Heard {
  call: CallTimeline
  ms: number
}

/** The first phone sends the caller of a line on to a second one. @param to the number of the second */
async function sendOn(line: string, first: Phone, second: Phone, to: string) {
  const placed = await dial(lab, line)
  const agent = await talkTo(placed, first, SEQUENCES.first)
  await agent.say(tone([HZ.first], 2_000))
  await press(agent, '#1')
  await sleep(1_500)
  await press(agent, to)
  return { placed, next: await pickUp(second, SEQUENCES.second) }
}

/** Behind a `Local` channel, the first phone sends the caller on to a second one. */
async function behindLocal(): Promise<Heard> {
  const { placed, next } = await sendOn('860', sends, takes, '862')
  const from = epochMs()
  await waitUntilConnected(next, placed.caller)
  await Promise.all([next.say(tone([HZ.second], SPEECH_MS)), placed.caller.say(tone([HZ.caller], SPEECH_MS))])
  const call = await finish(placed)
  return { call, ms: epochMs() - from }
}

/** The same, and the second phone sends no packets. */
async function muteBehindLocal(): Promise<CallTimeline> {
  const { placed, next } = await sendOn('863', sendsMute, mute, '865')
  next.mute()
  await waitUntilConnected(placed.caller, next)
  await placed.caller.say(tone([HZ.caller], SPEECH_MS))
  return finish(placed)
}

/** A phone is heard before it answers, which it never does. Then another one is dialled, which is the first that the caller is with. */
async function afterEarlyMedia(): Promise<Heard> {
  const placed = await dial(lab, '866')
  const talk = await early.speakEarly(await early.waitForRing(LIMIT), SEQUENCES.first)
  await talk.say(tone([HZ.first], 3_000))
  const next = await pickUp(answers, SEQUENCES.second)
  const from = epochMs()
  await waitUntilConnected(next, placed.caller)
  const spoken = next.say(tone([HZ.second], 2 * SPEECH_MS))
  await Promise.all([spoken, placed.caller.say(tone([HZ.caller], 2 * SPEECH_MS))])
  const call = await finish(placed)
  return { call, ms: epochMs() - from }
}

const [local, silent, first] = await Promise.all([behindLocal(), muteBehindLocal(), afterEarlyMedia()])

const lostIn = ({ events }: CallTimeline) =>
  events.filter(({ type, reason }) => type === 'recording.gap' && reason === 'leg-lost')
const lostMs = (call: CallTimeline) =>
  (lostIn(call).reduce((sum, { bytes }) => sum + Number(bytes), 0) / SAMPLE_RATE) * 1_000

/** For how long a phone is heard in a recording, s. */
async function heardSeconds({ recordings }: CallTimeline, hz: number): Promise<number> {
  const { agent } = await lab.open(recordings[0]!.id)
  const window = SAMPLE_RATE / 10
  const pieces = Array.from({ length: Math.floor(agent.length / window) }, (_, i) =>
    agent.subarray(i * window, (i + 1) * window),
  )
  return pieces.filter(one => toneDbfs(one, hz) > -40).length / 10
}

t.test('the probe has looked', async t => {
  const sides = async () => (await askService(lab.lab.ready.data, { do: 'report' })).sides
  t.ok(await pollUntil(async () => (await sides()) !== 'unknown', LIMIT))
})

t.test('behind a Local channel a phone that the PBX silenced is journalled as missing', async t => {
  const { call, ms } = local
  t.ok((await heardSeconds(call, HZ.first)) > 1, 'the first phone is there')
  const heard = await heardSeconds(call, HZ.second)
  if (asteriskVersion !== 22) {
    t.ok(heard > SPEECH_MS / 1_000 - 1, `this PBX has no such fault: ${heard} s`)
    t.strictSame(lostIn(call), [])
    return
  }
  t.ok(heard < 1, `the second one is there for ${heard} s`)
  t.strictSame([...new Set(lostIn(call).map(({ leg }) => leg))], ['agent'])
  const lost = lostMs(call)
  t.ok(lost > SPEECH_MS - 2_000 && lost < ms, `${lost} ms are journalled as missing, of ${ms}`)
  t.equal(call.recordings[0]!.lostBytes, (lost * SAMPLE_RATE) / 1_000)
})

t.test('a phone that sends nothing is not missing', async t => {
  t.ok((await heardSeconds(silent, HZ.first)) > 1, 'the first phone is there')
  t.strictSame(lostIn(silent), [])
})

t.test('a tap that was not restarted at the first contact is, when a side is missing', async t => {
  const { call, ms } = first
  const heard = await heardSeconds(call, HZ.second)
  t.ok(heard > SPEECH_MS / 1_000, `the phone is there for ${heard} s`)
  if (asteriskVersion !== 22) return t.strictSame(lostIn(call), [])
  const lost = lostMs(call)
  t.ok(
    lost + heard * 1_000 > 2 * SPEECH_MS - 2_000 && lost < ms,
    `${lost} ms are journalled as missing, of ${ms}`,
  )
  const reasons = call.events.flatMap(({ type, reason }) => (type === 'recording.gap' ? String(reason) : []))
  t.strictSame([...new Set(reasons)].sort(), ['leg-lost', 'tap-restarted'])
})

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
