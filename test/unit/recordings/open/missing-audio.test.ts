// Real: the computation. Fake: the parts and the events.
import t from 'tap'
import { newPartId, newRecordingId } from '../../../../src/core/ids.js'
import { missingAudio, type RecordingEvent } from '../../../../src/recordings/open/missing-audio.js'
import { type MissingSpan, PartJoins } from '../../../../src/recordings/open/part-joins.js'
import { partBegun } from '../../../support/data/call-events.js'

const recording = newRecordingId()
const SECOND = 8_000

/** Events a second apart. */
const journal = (...events: Omit<RecordingEvent, 'at'>[]): RecordingEvent[] =>
  events.map((event, second) => ({ ...event, at: new Date(second * 1_000) }) as RecordingEvent)
const part = (number: number) =>
  ({
    type: 'recording.part-started',
    data: { ...partBegun, recording, part: newPartId(), number, object: 'o' },
  }) as const
const gap = (leg: 'caller' | 'agent', bytes: number, reason = 'overflow') =>
  ({ type: 'recording.gap', data: { recording, leg, bytes, reason } }) as const
const paused = { type: 'recording.paused', data: { recording, by: 'agent', caller: 0, agent: 0 } } as const
const resumed = { type: 'recording.resumed', data: { recording, by: 'agent', caller: 0, agent: 0 } } as const
const muted = {
  type: 'recording.muted',
  data: { recording, leg: 'agent', caller: 0, agent: 0 },
} as const
const unmuted = { ...muted, type: 'recording.unmuted' } as const
const finished = (seconds: number, state: 'finished' | 'truncated' = 'finished', reason?: string) =>
  ({ type: 'recording.finished', data: { recording, state, seconds, ...(reason && { reason }) } }) as const

/** Follows parts, each given as runs of samples: leg, from, to. */
function holesIn(...parts: ['caller' | 'agent', number, number][][]) {
  const joins = new PartJoins()
  for (const [before, runs] of parts.entries()) {
    joins.beginPart(before + 1)
    for (const [leg, from, to] of runs) joins.addSamples(leg, from, to - from)
  }
  return joins.holes
}

t.test('parts join if the next part begins at the end of each leg or earlier', async t => {
  const first = [
    ['caller', 0, 100],
    ['agent', 0, 80],
  ] as ['caller' | 'agent', number, number][]
  t.strictSame(
    holesIn(first, [
      ['caller', 100, 200],
      ['agent', 80, 200],
    ]),
    [],
  )
  t.strictSame(
    holesIn(first, [
      ['caller', 40, 200],
      ['agent', 80, 200],
    ]),
    [],
    'samples that are in both parts',
  )
  t.strictSame(
    holesIn(first, [['caller', 100, 200]], [['agent', 80, 300]]),
    [],
    'a leg without samples in a part',
  )
  t.strictSame(
    holesIn([['caller', 50, 100]], [['caller', 100, 150]]),
    [],
    'a first part that does not begin at 0',
  )
  t.strictSame(
    holesIn([
      ['caller', 0, 10],
      ['caller', 60, 100],
    ]),
    [],
    'within a part',
  )
  t.strictSame(
    holesIn(first, [
      ['caller', 130, 200],
      ['agent', 80, 200],
    ]),
    [{ leg: 'caller', from: 100, to: 130, before: 2 }],
  )
  t.strictSame(holesIn(first, [['caller', 100, 200]], [['agent', 81, 300]]), [
    { leg: 'agent', from: 80, to: 81, before: 3 },
  ])
})

t.test('a recording is whole although a killed service left a part without totals', async t => {
  const events = journal(part(1), part(2), finished(20))
  const read = { seconds: 20, holes: [], ended: true }
  t.strictSame(missingAudio(events, read), { holes: [], end: 'whole' })
  t.strictSame(
    missingAudio(events, { ...read, ended: false }),
    { holes: [], end: 'whole' },
    'no audio follows the last part',
  )
})

t.test('only holes that the journal does not explain are reported', async t => {
  const hole = { leg: 'caller', from: SECOND, to: 11 * SECOND, before: 2 } as const
  const read = { seconds: 20, holes: [hole], ended: true }
  const found = (...events: Omit<RecordingEvent, 'at'>[]) => missingAudio(journal(...events), read).holes
  t.strictSame(found(part(1), part(2), finished(20)), [hole], 'no event')
  t.strictSame(found(part(1), gap('caller', 10 * SECOND), part(2), finished(20)), [], 'a gap of that size')
  t.strictSame(
    found(part(1), part(2), gap('caller', 10 * SECOND), finished(20)),
    [],
    'a gap that is journalled a moment later',
  )
  t.strictSame(found(part(1), gap('caller', 10 * SECOND - 1), part(2), finished(20)), [hole], 'a smaller gap')
  t.strictSame(found(part(1), gap('agent', 10 * SECOND), part(2), finished(20)), [hole], 'of the other leg')
  const silenced = gap('caller', 10 * SECOND, 'leg-lost')
  t.strictSame(found(part(1), silenced, part(2), finished(20)), [hole], 'the container has silence there')
  const five = [gap('agent', 0), gap('agent', 0), gap('agent', 0), gap('agent', 0)]
  t.strictSame(
    found(part(1), paused, ...five, resumed, part(2), finished(20)),
    [],
    'a pause of 5 s, and its margin',
  )
  t.strictSame(
    found(part(1), paused, ...five, part(2), resumed, finished(20)),
    [],
    'a pause that continues into the next part',
  )
  t.strictSame(found(part(1), paused, resumed, part(2), finished(20)), [hole], 'a shorter pause')
  t.strictSame(
    found(part(1), part(2), paused, ...five, resumed, part(3), finished(20)),
    [hole],
    'a later pause',
  )
})

t.test('a side that is left out explains its own holes, also over parts that have nothing of it', async t => {
  const hole = { leg: 'agent', from: SECOND, to: 11 * SECOND, before: 2 } as const
  const found = (holes: MissingSpan[], ...events: Omit<RecordingEvent, 'at'>[]) =>
    missingAudio(journal(part(1), ...events, finished(20)), { seconds: 20, holes, ended: true }).holes
  const five = Array.from({ length: 5 }, () => gap('caller', 0))
  t.strictSame(found([hole], muted, ...five, unmuted, part(2)), [])
  const ofCaller = { ...hole, leg: 'caller' } as const
  t.strictSame(found([ofCaller], muted, ...five, unmuted, part(2)), [ofCaller], 'the other side')
  t.strictSame(found([hole], muted, part(2), ...five, unmuted), [], 'it goes on in the next part')
  t.strictSame(found([hole], part(2), muted, ...five, unmuted), [hole], 'it begins in the next part')
  const later = { ...hole, from: SECOND, to: 19 * SECOND, before: 3 }
  t.strictSame(found([later], muted, ...five, part(2), ...five, part(3), unmuted), [])
  t.strictSame(found([later], muted, part(2), unmuted, ...five, ...five, part(3)), [later])
})

t.test('the end is running, whole, cut or truncated, as the journal says', async t => {
  const read = { seconds: 15, holes: [], ended: false }
  const end = (...events: Omit<RecordingEvent, 'at'>[]) => missingAudio(journal(part(1), ...events), read)
  t.strictSame(end(), { holes: [], end: 'running' })
  t.strictSame(end(finished(20)), { holes: [], end: 'cut', missing: 5 })
  t.strictSame(end(finished(15)), { holes: [], end: 'whole' })
  t.strictSame(end(paused, finished(16)), { holes: [], end: 'whole' }, 'the recording was paused to its end')
  t.strictSame(end(finished(20, 'truncated', 'store.unwritable')), {
    holes: [],
    end: 'truncated',
    reason: 'store.unwritable',
  })
  t.strictSame(end(finished(20, 'truncated')), { holes: [], end: 'truncated' })
})
