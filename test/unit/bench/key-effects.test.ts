// Real: what the benchmark of keys makes of a recording and a journal. Fake: the packets, the keys and the events.
import t from 'tap'
import { courseOf, effectsOf } from '../../bench/moves/effects.js'

const PACKET_MS = 20
const START = Date.UTC(2026, 0, 31, 9, 30)
const sentAt = Array.from({ length: 500 }, (_, i) => START + i * PACKET_MS)
/** The numbers of the packets that are sent in a time, ms after the start. */
const numbers = (from: number, to: number) =>
  Array.from({ length: (to - from) / PACKET_MS }, (_, i) => from / PACKET_MS + i)
const at = (ms: number) => new Date(START + ms).toISOString()

t.test('the effect of each key is the edge of what is recorded around it', async t => {
  const pressed = [
    { key: 'paused', at: START + 2_000 },
    { key: 'resumed', at: START + 4_000 },
    { key: 'withdrawn', at: START + 8_000 },
  ] as const
  const recorded = [...numbers(0, 1_760), ...numbers(4_320, 8_040)]
  const effects = effectsOf(pressed, recorded, sentAt)
  t.strictSame(
    effects.map(({ key, ms }) => [key, ms]),
    [
      ['paused', -240],
      ['resumed', 320],
      ['withdrawn', 40],
    ],
  )
  t.throws(() => effectsOf(pressed, numbers(0, 1_760), sentAt), /around the key 2/)
})

t.test(
  'of a slow key it is told when the PBX had it, what is missing, and whether phones were late',
  async t => {
    const resumed = { key: 'resumed', at: START + 9_000, ms: 322.4 } as const
    const gap = { type: 'recording.gap', reason: 'tap-restarted', leg: 'caller', bytes: 1_165 } as const
    const events = [
      { at: at(3_000), type: 'recording.resumed' },
      { at: at(3_900), ...gap },
      { at: at(6_000), ...gap },
      { at: at(9_002), type: 'recording.resumed' },
    ] as const
    const late = [
      { at: START + 2_000, ms: 300 },
      { at: START + 8_000, ms: 41.2 },
      { at: START + 8_500, ms: 22 },
    ]
    t.equal(
      courseOf(resumed, events, late),
      'resumed after 322 ms; the PBX had it after 2 ms; -3000 ms: tap-restarted, caller, 1165 samples; phones sent up to 41 ms late',
    )
    t.equal(courseOf(resumed, [], []), 'resumed after 322 ms; the PBX did not report it')
  },
)
