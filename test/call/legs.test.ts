// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// All callers call at the same time, and their recordings are measured afterwards. If the test may set priorities, Asterisk and the
// callers run before all other processes.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { rmsDbfs, toneDbfs } from '../../lab/audio/levels.js'
import { concatSamples, silence, tone } from '../../lab/audio/signals.js'
import { epochMs } from '../../lab/time.js'
import { SAMPLE_RATE } from '../../src/core/audio.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { findClicks, removeOffset } from '../support/assertions/clicks.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { LONG_PROMPT, quickLine } from '../support/data/quick-lines.js'
import { type Legs, startCallLab } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { measureOnTime } from '../support/lab/measure-on-time.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { useRealTimePriority } from '../support/processes/real-time-priority.js'

const LIMIT = 60_000
/** Loudest level of one side on the other leg, relative to its own, dB. */
const SEPARATION = -50
/** Largest median distance between the legs, ms. It is one packet. */
const STEP = 20
/** Largest distance between the legs, ms. Asterisk lets a leg slip by so much when packets come late. */
const SLIP = 100
/** Largest difference between the length of a recording and of the talk, s. */
const LENGTH = 0.2
/** Clicks in each call, and calls with clicks. There are many, because a late packet shifts a click. */
const [CLICKS, ECHOES] = [8, 4]

/** Two agents: one echoes what the caller says, the other is silent. */
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

/** Says yes and then runs `talk`. The test does nothing else meanwhile, because a busy process sends packets late. */
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
/** Waits a little longer than the agent's sentence. */
const listen = () => sleep((lab.sentence.length / SAMPLE_RATE) * 1_000 + 800)

/** Says clicks into the echo. In the middle the phone is muted, so that neither side sends audio. */
async function clickInto(number: string) {
  /** Round trip of each click, ms. The legs are really apart by this time. */
  const trips: number[] = []
  const { call } = await talkTo(number, async ({ caller }) => {
    for (let i = 0; i < CLICKS; i++) {
      await caller.say(silence(400))
      const sent = await caller.say(tone([2_000], 20, -10))
      await caller.say(silence(200))
      const back = caller.heard.packets.find(
        ({ at, samples }) => at >= sent && findClicks(samples).length > 0,
      )
      trips.push(back!.at - sent)
      if (i !== CLICKS / 2) continue
      caller.mute()
      await sleep(2_000)
      caller.mute(false)
    }
  })
  return { call, trips }
}

const legsOf = ({ recordings }: CallTimeline): Promise<Legs> => lab.open(recordings[0]!.id)

/** How far the legs of the echoes are apart, ms, beside the real round trips. */
async function distances(echoes: Awaited<ReturnType<typeof clickInto>>[]) {
  const apart: number[] = []
  /** Clicks on each leg of each call. */
  const clicks: [number, number][] = []
  for (const { call, trips } of echoes) {
    const { caller, agent } = await legsOf(call)
    const [said, heard] = [findClicks(caller), findClicks(agent)]
    clicks.push([said.length, heard.length])
    apart.push(...trips.map((trip, i) => (heard[i]! - said[i]!) / 8 - trip))
  }
  const median = apart.sort((a, b) => a - b)[apart.length >> 1]!
  return { clicks, median: Math.abs(median), most: Math.max(...apart.map(Math.abs)) }
}

const note = tone([1_000], 1_000, -12)
const measure = () =>
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
  ])
// A phone that keeps no time measures itself. On a busy machine, a PBX without priority keeps no time either. So the calls are repeated
// until both did. That is fair: a fault of the product is in every repetition, and of six the last one counts.
const [both, callerAlone, agentAlone, ...echoes] = await measureOnTime(
  measure,
  async ([, , , ...measured]) => {
    const { median, most } = await distances(measured)
    return !(median <= STEP && most <= SLIP)
  },
)

t.test('the left leg has only the caller, and the right leg only the agent', async t => {
  const { caller, agent } = await legsOf(both.call)
  const at = findClicks(caller)[0]!
  const [left, right] = [caller, agent].map(leg => toneDbfs(leg.subarray(at, at + note.length), 1_000))
  t.ok(left! > -13, `the caller's tone is on the left: ${left} dBFS`)
  t.ok(right! - left! <= SEPARATION, `the right leg has it at ${right} dBFS`)
  t.ok(isHeard(agent, lab.sentence), "the agent's sentence is on the right")
  const speech = [agent, caller].map(leg => rmsDbfs(removeOffset(leg.subarray(0, at - SAMPLE_RATE / 10))))
  t.ok(speech[0]! > -40, `the agent is on the right: ${speech[0]} dBFS`)
  t.ok(speech[1]! - speech[0]! <= SEPARATION, `the left leg has it at ${speech[1]} dBFS`)
})

t.test('the legs are in step', async t => {
  const { clicks, median, most } = await distances(echoes)
  t.strictSame(clicks, Array(ECHOES).fill([CLICKS, CLICKS]), 'every click is on both legs')
  t.ok(median <= STEP, `the median is ${median} ms`)
  t.ok(most <= SLIP, `the largest distance is ${most} ms`)
})

for (const [who, { call, talked }] of Object.entries({
  'both sides': both,
  'the caller alone': callerAlone,
  'the agent alone': agentAlone,
})) {
  t.test(`a recording is as long as the talk while ${who} can be heard`, async t => {
    const { seconds, complete } = await legsOf(call)
    const decided = call.events.find(({ type }) => type === 'call.decided')!
    // The tap begins after the decision and before the talk, and ends after the talk and before the end of the call. The service may
    // journal both late.
    const most = (Date.parse(call.endedAt!) - Date.parse(decided.at)) / 1_000
    t.ok(complete, 'the container has its totals')
    t.ok(seconds >= talked - LENGTH && seconds <= most + LENGTH, `${seconds} s of ${talked} to ${most} s`)
    t.equal(call.recordings[0]!.seconds, seconds, 'the timeline has the same length')
  })
}
