// Real Asterisk, PostgreSQL, service, keeper and SIP callers; all of them call at once, then recordings are measured. Where the
// user may, Asterisk and the callers run before whatever else wants to.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { rmsDbfs, toneDbfs } from '../../lab/audio/levels.js'
import { concatSamples, silence, tone } from '../../lab/audio/signals.js'
import { epochMs } from '../../lab/time.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { SAMPLE_RATE } from '../../src/shared/audio.js'
import { findClicks, removeOffset } from '../support/assertions/clicks.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { LONG_PROMPT, quickLine } from '../support/data/quick-lines.js'
import { type Legs, startCallLab } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { measureOnTime } from '../support/lab/measure-on-time.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { useRealTimePriority } from '../support/processes/real-time-priority.js'

const LIMIT = 60_000
/** Nothing of the one side may be louder on the other one, dB. */
const SEPARATION = -50
/** Legs are in step within this, ms: one packet. */
const STEP = 20
/** Asterisk itself lets a leg slip by so much when packets come late, before it brings both in step again, ms. */
const SLIP = 100
/** A recording is as long as the talk within this, s. */
const LENGTH = 0.2
/** Clicks into each echo, and how many calls click; what one late packet shifts is outvoted. */
const [CLICKS, ECHOES] = [8, 4]

/** Agents: one who gives back at once what the caller says, one who never says a word. */
const extensions = `
exten => 702,1,Gosub(consentry,s,1)
 same =>     n,Dial(Local/echo@measured)
exten => 703,1,Gosub(consentry,s,1)
 same =>     n,Dial(Local/silent@measured)
[measured]
exten => echo,1,Answer()
 same =>      n,Echo()
exten => silent,1,Answer()
 same =>        n,Wait(60)
`
const lab = await startCallLab(t, {
  extensions,
  realTime: useRealTimePriority(),
  lines: ['701', '702', '703'].map(number => quickLine(number, { disclosure: LONG_PROMPT })),
})

interface Measured {
  call: CallTimeline
  /** How long the caller talked after the call was known to be with the agent, until it hung up, s. */
  talked: number
}

/** Says yes, then what `talk` does. Nothing is looked for meanwhile: a phone that is busy otherwise sends late. */
async function talkTo(number: string, talk: (call: PlacedCall) => Promise<unknown>): Promise<Measured> {
  const placed = await PlacedCall.place(lab, { number })
  await placed.caller.waitForAnswer(LIMIT)
  await pressInDisclosure('1')(placed)
  await placed.waitForEvent('call.released')
  const begun = epochMs()
  await talk(placed)
  const talked = (epochMs() - begun) / 1_000
  return { call: await placed.finish(), talked }
}
/** As long as the agent speaks, and a little longer. */
const listen = () => sleep((lab.sentence.length / SAMPLE_RATE) * 1_000 + 800)

/** Says clicks into the echo; in the middle the phone is muted, sends nothing, and so nor does the echo. */
async function clickInto(number: string) {
  /** How long each click took there and back, ms: what the legs may really be apart. */
  const trips: number[] = []
  const { call } = await talkTo(number, async ({ caller }) => {
    for (let i = 0; i < CLICKS; i++) {
      await caller.say(silence(400))
      const sent = await caller.say(tone([2_000], 20, -10))
      const before = caller.heard.packets.length
      await caller.say(silence(200))
      const back = caller.heard.packets.slice(before).find(({ samples }) => findClicks(samples).length > 0)
      trips.push(back!.at - sent)
      if (i !== CLICKS / 2) continue
      caller.mute()
      await sleep(2_000)
      caller.mute(false)
    }
  })
  return { call, trips }
}

const note = tone([1_000], 1_000, -12)
const [both, callerAlone, agentAlone, ...echoes] = await measureOnTime(() =>
  Promise.all([
    talkTo('701', async ({ caller }) => {
      await listen()
      await caller.say(concatSamples(silence(300), note, silence(300)))
    }),
    talkTo('703', () => sleep(6_000)),
    talkTo('701', ({ caller }) => {
      caller.mute()
      return listen()
    }),
    ...Array.from({ length: ECHOES }, () => clickInto('702')),
  ]),
)
const legsOf = ({ recordings }: CallTimeline): Promise<Legs> => lab.open(recordings[0]!.id)

t.test('the caller is on the left alone, the agent on the right alone', async t => {
  const { caller, agent } = await legsOf(both.call)
  const at = findClicks(caller)[0]!
  const [left, right] = [caller, agent].map(leg => toneDbfs(leg.subarray(at, at + note.length), 1_000))
  t.ok(left! > -13, `the caller's tone is on the left: ${left} dBFS`)
  t.ok(right! - left! <= SEPARATION, `and on the right ${right} dBFS`)
  t.ok(isHeard(agent, lab.sentence), "the agent's sentence is on the right")
  const speech = [agent, caller].map(leg => rmsDbfs(removeOffset(leg.subarray(0, at - SAMPLE_RATE / 10))))
  t.ok(speech[0]! > -40, `the agent is on the right: ${speech[0]} dBFS`)
  t.ok(speech[1]! - speech[0]! <= SEPARATION, `and on the left ${speech[1]} dBFS`)
})

t.test('the legs are in step', async t => {
  const apart: number[] = []
  for (const { call, trips } of echoes) {
    const { caller, agent } = await legsOf(call)
    const [said, heard] = [findClicks(caller), findClicks(agent)]
    t.strictSame([said.length, heard.length], [CLICKS, CLICKS], 'every click is on either side')
    apart.push(...trips.map((trip, i) => (heard[i]! - said[i]!) / 8 - trip))
  }
  const [median, most] = [apart.sort((a, b) => a - b)[apart.length >> 1]!, Math.max(...apart.map(Math.abs))]
  t.ok(Math.abs(median) <= STEP, `${median} ms apart`)
  t.ok(most <= SLIP, `${most} ms at most`)
})

for (const [who, { call, talked }] of Object.entries({
  'both sides': both,
  'the caller alone': callerAlone,
  'the agent alone': agentAlone,
})) {
  t.test(`a recording is as long as the talk while ${who} can be heard`, async t => {
    const { seconds, complete } = await legsOf(call)
    const decided = call.events.find(({ type }) => type === 'call.decided')!
    // The tap begins after the one and before the other of these moments, and ends between two others: the service may be late to tell.
    const most = (Date.parse(call.endedAt!) - Date.parse(decided.at)) / 1_000
    t.ok(complete, 'it was closed with its totals')
    t.ok(seconds >= talked - LENGTH && seconds <= most + LENGTH, `${seconds} s of ${talked} to ${most} s`)
    t.equal(call.recordings[0]!.seconds, seconds, 'which is what the timeline says')
  })
}
