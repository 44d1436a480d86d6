// Real: the names of recordings, the script, the figures. Fake: what was heard.
import t from 'tap'
import { type HeardRecording, measureOf } from '../../../../src/speech/voices/measure.js'
import { KINDS, type Kind, kindOf, scriptFor } from '../../../../src/speech/voices/script.js'
import { matchEach } from '../../../support/assertions/match-each.js'

const of = { language: 'ru', engine: 'embedded', model: 'ab12', threshold: 0.7 } as const
const heardAs = (speaker: string, kind: Kind, heard: HeardRecording['heard']): HeardRecording => ({
  ...{ file: `${speaker}/${kind}.wav`, speaker, kind, heard, scores: { yes: 0.5 } },
})

t.test('the script names files of every kind, in words of either language', async t => {
  for (const language of ['ru', 'en'] as const) {
    const script = scriptFor(language)
    const files = [...script.matchAll(/`([^`]+\.wav)`/g)].map(([, name]) => name!)
    t.equal(files.length, 36)
    t.equal(new Set(files).size, 36)
    t.strictSame([...new Set(files.map(kindOf))], [...KINDS])
    t.match(script, language === 'ru' ? /подписывает согласие/ : /signs a consent/)
  }
  for (const other of ['da-1.wav', 'yes.wav', 'yes-da-1.mp3', 'yes-../x.wav', 'script.md'])
    t.equal(kindOf(other), undefined, other)
})

t.test(
  'missed and false yes are counted by recordings, and false yes by speakers too, with their bounds',
  async t => {
    const measure = measureOf(
      [
        ...[
          heardAs('s001', 'yes', 'yes'),
          heardAs('s001', 'yes', 'unclear'),
          heardAs('s002', 'yes', 'silence'),
        ],
        ...[heardAs('s001', 'no', 'no'), heardAs('s001', 'other', 'yes'), heardAs('s001', 'weak', 'yes')],
        ...[heardAs('s002', 'no', 'no'), heardAs('s002', 'no', 'unclear')],
      ],
      of,
    )
    t.match(measure, { ...of, speakers: 2 })
    t.strictSame(measure.missed, { some: 2, all: 3, percent: 66.7, atMost: 98.3 })
    t.match(measure.falseYes, { some: 2, all: 5, percent: 40 })
    t.match(measure.falseYesSpeakers, { some: 1, all: 2, percent: 50 })
    matchEach(t, measure.kinds, [
      { kind: 'yes', all: 3, yes: 1, no: 0, weak: 0, unclear: 1, silence: 1 },
      { kind: 'no', all: 3, yes: 0, no: 2 },
      { kind: 'other', all: 1, yes: 1 },
      { kind: 'weak', all: 1, yes: 1 },
    ])
    t.strictSame(
      measure.wrong.map(({ file, heard }) => `${file} ${heard}`),
      ['s001/other.wav yes', 's001/weak.wav yes', 's001/yes.wav unclear', 's002/yes.wav silence'],
    )
  },
)

t.test('without a recording of a kind there is no share of it', async t => {
  const measure = measureOf([heardAs('s001', 'yes', 'yes')], of)
  t.match(measure, { falseYes: null, falseYesSpeakers: null })
  // The rule of three: none of one says hardly anything.
  t.strictSame(measure.missed, { some: 0, all: 1, percent: 0, atMost: 95 })
})
