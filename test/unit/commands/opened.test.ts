// Real: the report on an opened recording. Fake: the recording and what is missing of it.
import t from 'tap'
import {
  isWhole,
  isWholePart,
  type OpenedPart,
  openedJson,
  openedPartJson,
  openedPartText,
  openedText,
} from '../../../src/commands/open.js'
import type { MissingAudio, OpenedRecording } from '../../../src/recordings/open/open-and-journal.js'
import { partInfo } from '../vault/fixture.js'

const first = { ...partInfo(), startedAt: 0 }
const read = { seconds: 20, parts: [first, { ...first, number: 2 }], holes: [], ended: true, complete: true }
/** An opened recording of which this is missing. */
const lacking = (shortfall: MissingAudio): OpenedRecording => ({ ...read, shortfall, pauses: [], muted: [] })

t.test('the report says whether a recording is whole, and what is missing', async t => {
  const hole = { leg: 'agent', from: 8_000, to: 12_000, before: 2 } as const
  const cases: [shortfall: MissingAudio, whole: boolean, words: string][] = [
    [{ holes: [], end: 'whole' }, true, 'a.wav: 20.00 s, in 2 parts\n'],
    [
      { holes: [], end: 'running' },
      false,
      'a.wav: 20.00 s, in 2 parts; so far: the journal has no end of it yet\n',
    ],
    [
      { holes: [], end: 'truncated', reason: 'store.unwritable' },
      true,
      'a.wav: 20.00 s, in 2 parts; it broke off, as the journal says: store.unwritable\n',
    ],
    [
      { holes: [], end: 'cut', missing: 2.5 },
      false,
      'a.wav: 20.00 s, in 2 parts; it ends early: the last 2.50 s of it were cut\n',
    ],
    [
      { holes: [hole], end: 'whole' },
      false,
      'a.wav: 20.00 s, in 2 parts\nmissing 1.0-1.5 s of the agent: part 2 does not join, and no event tells why\n',
    ],
  ]
  for (const [shortfall, whole, words] of cases) {
    t.equal(isWhole(lacking(shortfall)), whole, words)
    t.equal(openedText('a.wav', lacking(shortfall)), words)
  }
  t.strictSame(openedJson('a.wav', lacking({ holes: [hole], end: 'whole' })), {
    file: 'a.wav',
    seconds: 20,
    complete: false,
    pauses: [],
    muted: [],
    parts: 2,
    holes: [{ leg: 'agent', from: 1, to: 1.5 }],
    end: 'whole',
  })
  const broken = lacking({ holes: [], end: 'truncated' })
  t.match(
    openedJson('a.wav', broken),
    { complete: false, end: 'truncated' },
    'a recording that broke off is not complete',
  )
  t.equal(
    openedText('a.wav', {
      ...lacking({ holes: [], end: 'whole' }),
      parts: [first],
      pauses: [{ by: 'anna', from: 3, to: null }],
    }),
    'a.wav: 20.00 s\nsilent 3.0-20.0 s: paused by anna\n',
  )
  const oneSided = { ...lacking({ holes: [], end: 'whole' }), parts: [first] }
  t.match(
    openedText('a.wav', { ...oneSided, muted: [{ leg: 'agent', from: 3, to: 4.5 }] }),
    /the agent's side is silent 3\.0-4\.5 s: somebody was heard who has not agreed/,
  )
})

t.test(
  'the report on a single container says which part it is, and nothing about the other parts',
  async t => {
    const second = { ...read, parts: [read.parts[1]!] }
    const cut = { ...second, ended: false, complete: false }
    const { recording, call } = first
    const at = `of recording ${recording}, at its place in it`
    const look = `; consentry call ${call} shows whether there are others`
    const cases: [opened: OpenedPart, whole: boolean, words: string][] = [
      [second, true, `a.wav: 20.00 s\npart 2 ${at}${look}\n`],
      [
        cut,
        false,
        `a.wav: 20.00 s; it has no end: it goes on in another part, or was cut\npart 2 ${at}${look}\n`,
      ],
      [{ ...second, of: 3 }, true, `a.wav: 20.00 s\npart 2 of 3 ${at}\n`],
      [{ ...cut, of: 3 }, true, `a.wav: 20.00 s\npart 2 of 3 ${at}\n`],
      [
        { ...cut, of: 2 },
        false,
        `a.wav: 20.00 s; it has no end: it goes on in another part, or was cut\npart 2 of 2 ${at}\n`,
      ],
    ]
    for (const [opened, whole, words] of cases) {
      t.equal(isWholePart(opened), whole, words)
      t.equal(openedPartText('a.wav', opened), words)
    }
    t.match(openedPartJson('a.wav', { ...cut, of: 3 }), { complete: true, part: 2, of: 3, recording, call })
  },
)
