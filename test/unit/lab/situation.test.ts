// Real: the measurement of situations. Fake: calls and recordings.
import t from 'tap'
import { concatSamples, silence, tone } from '../../../lab/audio/signals.js'
import type { LatePacket } from '../../../lab/media/media-endpoint.js'
import type { ReceivedAudio } from '../../../lab/media/received-audio.js'
import { epochMs } from '../../../lab/time.js'
import type { Leg } from '../../../src/core/audio.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import { mostLost } from '../../support/situations/gaps.js'
import { Said, type Utterance } from '../../support/situations/said.js'
import { askedIn, measure, turnsOf } from '../../support/situations/situation.js'

const hz = { caller: 1_730, agent: 830, refuser: 610 }
/** When the talk began. */
const BEGAN = Date.parse('2026-11-28T12:00:00Z')

/** Two agree and speak for ten seconds each; one has not agreed. */
const utterances: Utterance[] = (['caller', 'agent', 'refuser'] as const).map(voice => ({
  voice,
  side: voice === 'caller' ? 'caller' : 'agent',
  ms: 10_000,
  from: BEGAN,
  until: BEGAN + 10_000,
}))

const callWith = (events: object[]) =>
  ({
    recordings: [{ id: 'r' }],
    events,
  }) as unknown as CallTimeline
const gap = (leg: Leg, bytes: number, seconds: number) => ({
  ...{ type: 'recording.gap', recording: 'r', leg, bytes },
  at: new Date(BEGAN + seconds * 1_000).toISOString(),
})
const legs = (caller: Int16Array, agent: Int16Array) => ({ caller, agent, seconds: 10, complete: true })
const says = (voice: keyof typeof hz, ms: number) => tone([hz[voice]], ms)

t.test('a recording with all who agreed, and nobody else', async t => {
  const row = measure(
    callWith([]),
    { hz, utterances },
    ['refuser'],
    [legs(says('caller', 10_000), says('agent', 10_000))],
  )
  t.strictSame(row.sides, { caller: [['caller', 10]], agent: [['agent', 10]] })
  t.equal(row.unagreed, 0)
  t.strictSame(row.agreed, { said: 20, there: 20, lost: 0 })
  t.strictSame([row.asked, row.told], [0, '-'])
})

t.test(
  'a tenth of a second of somebody who did not agree is found, in any recording and on either side',
  async t => {
    const clean = legs(says('caller', 10_000), says('agent', 10_000))
    const slip = concatSamples(silence(3_000), says('refuser', 100), silence(6_900))
    for (const opened of [[clean, legs(slip, says('agent', 10_000))], [legs(says('caller', 10_000), slip)]])
      t.equal(measure(callWith([]), { hz, utterances }, ['refuser'], opened).unagreed, 0.1)
  },
)

t.test(
  'what is missing counts as lost only if the journal has it, on that side and at that time',
  async t => {
    const cut = legs(concatSamples(says('caller', 9_000), silence(1_000)), says('agent', 10_000))
    const agreed = (...gaps: object[]) =>
      measure(callWith(gaps), { hz, utterances }, ['refuser'], [cut]).agreed
    t.strictSame(agreed(), { said: 20, there: 19, lost: 0 })
    t.equal(agreed(gap('caller', 4_000, 9)).lost, 0.7, 'with the windows where it begins and ends')
    t.equal(agreed(gap('caller', 80_000, 9)).lost, 1, 'no more than is missing')
    t.equal(agreed(gap('caller', 4_800, 10.2)).lost, 0.8, 'the journal may have it late')
    const elsewhere = [gap('agent', 4_000, 9), gap('caller', 4_000, -5), gap('caller', 1_600, 11.2)]
    t.equal(agreed(...elsewhere).lost, 0)
  },
)

t.test('what is lost after each move counts by itself, and for each side', async t => {
  const move = (type: string, seconds: number) => ({
    type,
    at: new Date(BEGAN + seconds * 1_000).toISOString(),
  })
  const events = [
    ...[move('call.agent-joined', 0), gap('agent', 4_000, 1), gap('agent', 4_800, 2), gap('caller', 800, 2)],
    ...[move('call.hold-ended', 5), gap('agent', 8_000, 6), move('recording.resumed', 7)],
  ]
  t.equal(mostLost(callWith(events), 'agent'), 1.1)
  t.equal(mostLost(callWith(events), 'caller'), 0.1)
  t.equal(mostLost(callWith([...events, gap('agent', 1_600, 8)]), 'agent'), 1.2)
  t.equal(mostLost(callWith([]), 'agent'), 0)
})

t.test(
  'packets count as late that a phone sent late, or that came late to it, while somebody spoke',
  async t => {
    const now = epochMs()
    /** @param came when packets came to the phone, ms after the beginning */
    const lateOf = async (came: number[], late: LatePacket[] = []) => {
      const heard = { packets: came.map(ms => ({ at: now + ms })) } as unknown as ReceivedAudio
      const speaker = { say: async () => now + 10_000, heard, late }
      const said = new Said(hz, speaker)
      await said.by(speaker, 'caller')
      return Math.round(said.lateMs())
    }
    const came = [1_000, 1_020, 1_220, 1_240, 1_310, 5_000, 5_020, 30_000, 30_500]
    t.equal(await lateOf(came), 180, 'a pause is not late, nor is what comes later')
    t.equal(await lateOf(came, [{ at: now + 2_000, ms: 200 }]), 200, 'what is more counts')
    t.equal(await lateOf([], [{ at: now + 2_000, ms: 30 }]), 0, 'Asterisk makes up for little')
    t.equal(await lateOf([], [{ at: now + 20_000, ms: 900 }]), 0)
  },
)

t.test('an utterance counts as unseen while nothing came to the phone that said it', async t => {
  const now = epochMs()
  const unseen = async (came: number[]) => {
    const heard = { packets: came.map(ms => ({ at: now + ms })) } as unknown as ReceivedAudio
    const speaker = { say: async () => now + 10_000, heard, late: [] }
    const said = new Said(hz, speaker)
    await said.by(speaker, 'caller')
    return said.unseenMs()
  }
  t.equal(await unseen([-500, 30_000]), 100)
  t.equal(await unseen([5_000]), 0)
})

t.test('what may be recorded, and who joined, follow from the events', async t => {
  const events = [
    { type: 'call.party-joined', party: 'other', agreed: false },
    { type: 'recording.paused', by: 'party' },
    { type: 'recording.resumed', by: 'party' },
    { type: 'call.party-joined', party: null, agreed: false },
    { type: 'recording.muted', leg: 'agent' },
    { type: 'recording.unmuted', leg: 'agent' },
    { type: 'consent.withdrawn' },
  ]
  t.strictSame(turnsOf(callWith(events)), [
    'both sides',
    'nothing (party)',
    'both sides',
    'own side',
    'both sides',
    'nothing (withdrawn)',
  ])
  t.strictSame(turnsOf({ ...callWith(events), recordings: [] }), ['nothing'])
  t.equal(measure(callWith(events), { hz, utterances: [] }, [], []).told, 'asked, did not agree; no')
})

t.test('that the others are gone when the caller hangs up does not count', async t => {
  const at = (seconds: number) => new Date(BEGAN + seconds * 1_000).toISOString()
  const until = (resumed: number) =>
    turnsOf(
      callWith([
        { type: 'recording.paused', by: 'party', at: at(1) },
        { type: 'recording.resumed', by: 'party', at: at(resumed) },
        { type: 'call.ended', at: at(10) },
      ]),
    )
  t.strictSame(until(9.9), ['both sides', 'nothing (party)'])
  t.strictSame(until(5), ['both sides', 'nothing (party)', 'both sides'])
})

t.test('questions are counted, and not the purposes that have an answer', async t => {
  const asked = (attempt: number) => ({ type: 'consent.asked', purpose: 'service', attempt })
  const answered = (method: string, afterMs: number | null) => ({ type: 'consent.answered', method, afterMs })
  const cases: [object[], number][] = [
    [[asked(1), asked(2), answered('none', 9_000)], 1],
    [[asked(1), answered('key', 700), asked(1), answered('key', 900)], 2],
    [[asked(1)], 1],
    [[answered('key', null)], 1],
    [[answered('voice', null), asked(1), answered('key', 700)], 2],
    [[answered('notice', null), answered('none', null)], 0],
  ]
  for (const [events, times] of cases) t.equal(askedIn(callWith(events)), times, JSON.stringify(events))
  const { asked: sum } = measure(callWith([asked(1)]), { hz, utterances: [] }, [], [], [callWith([asked(1)])])
  t.equal(sum, 2, 'over two calls of one person')
})
