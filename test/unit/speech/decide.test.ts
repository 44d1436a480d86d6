// Real: the rule. Fake: the scores.
import t from 'tap'
import { decide, heardByNet as heardBy } from '../../../src/speech/embedded/embedded.js'
import type { GrammarAnswer } from '../../../src/speech/embedded/grammar.js'
import { grammarOf } from '../../../src/speech/embedded/grammar.js'
import { NET_CLASSES, type NetClass } from '../../../src/speech/embedded/net.js'

const heardByNet = (
  given: Parameters<typeof heardBy>[0],
  threshold: number,
  extent: Parameters<typeof heardBy>[2],
) => heardBy(given, threshold, extent, 'en')

const scores = (likeliest: NetClass, score: number) =>
  Object.fromEntries(NET_CLASSES.map(name => [name, name === likeliest ? score : (1 - score) / 3])) as Record<
    NetClass,
    number
  >

/** Speech of 0.4 s in a quiet room, and in noise that is louder and louder, and a shorter one in a quiet room. */
const QUIET = { begin: 2_400, end: 5_600, rangeDb: 45 }
const NOISE = { ...QUIET, rangeDb: 30 }
const LOUD = { ...QUIET, rangeDb: 20 }
const VERY_LOUD = { ...QUIET, rangeDb: 14 }
const SHORT = { ...QUIET, end: 4_400 }

const GRAMMAR: GrammarAnswer[] = ['yes', 'no', 'other']

t.test('without noise, an utterance is a yes only if both say yes', t => {
  for (const likeliest of NET_CLASSES)
    for (const score of [0.4, 0.69, 0.7, 0.99])
      for (const grammar of GRAMMAR) {
        const { heard } = decide(heardByNet(scores(likeliest, score), 0.7, QUIET), grammar)
        const wanted = likeliest === 'yes' && score >= 0.7 && grammar === 'yes'
        t.equal(heard === 'yes', wanted, `${likeliest} ${score} ${grammar}`)
      }
  t.end()
})

t.test('either says no: a no', t => {
  t.match(decide(heardByNet(scores('yes', 0.95), 0.7, QUIET), 'no'), { heard: 'no', reason: 'grammar' })
  t.equal(decide(heardByNet(scores('no', 0.8), 0.7, QUIET), 'yes').heard, 'no')
  t.equal(heardByNet(scores('no', 0.45), 0.7, QUIET).heard, 'unclear', 'but not one that is unlikely')
  t.end()
})

t.test('why a yes of the net is none', t => {
  t.match(heardByNet(scores('yes', 0.6), 0.7, QUIET), { heard: 'unclear', reason: 'score' })
  t.match(decide(heardByNet(scores('yes', 0.9), 0.7, QUIET), 'other'), {
    heard: 'unclear',
    reason: 'grammar',
  })
  t.equal(heardByNet(scores('weak', 0.9), 0.7, QUIET).heard, 'weak')
  t.equal(heardByNet(scores('other', 0.9), 0.7, QUIET).heard, 'unclear')
  t.end()
})

t.test('in noise the grammar may hear anything but a no', t => {
  for (const likeliest of NET_CLASSES)
    for (const score of [0.4, 0.75, 0.77, 0.99])
      for (const grammar of GRAMMAR) {
        const { heard } = decide(heardByNet(scores(likeliest, score), 0.7, NOISE), grammar)
        const wanted = likeliest === 'yes' && score >= 0.76 && grammar !== 'no'
        t.equal(heard === 'yes', wanted, `${likeliest} ${score} ${grammar}`)
      }
  t.end()
})

t.test('the louder the noise, the more a yes needs, above all one that the grammar does not hear', t => {
  for (const language of ['en', 'ru'] as const)
    for (const [extent, least, leastAlone] of [
      [LOUD, 0.85, 0.9],
      [VERY_LOUD, 0.925, 0.94],
    ] as const) {
      const heard = (score: number, grammar: GrammarAnswer) =>
        decide(heardBy(scores('yes', score), 0.7, extent, language), grammar)
      t.match(heard(least - 0.01, 'yes'), { heard: 'unclear', reason: 'noise' })
      t.match(heard(0.6, 'yes'), { heard: 'unclear', reason: 'score' })
      t.equal(heard(least + 0.01, 'yes').heard, 'yes')
      t.match(heard(leastAlone - 0.01, 'other'), { heard: 'unclear', reason: 'grammar' })
      t.equal(heard(leastAlone + 0.01, 'other').heard, 'yes')
      t.equal(heard(0.99, 'no').heard, 'no')
    }
  t.end()
})

t.test('a very short yes needs a higher score', t => {
  t.equal(heardByNet(scores('yes', 0.86), 0.7, SHORT).heard, 'yes')
  t.match(heardByNet(scores('yes', 0.84), 0.7, SHORT), { heard: 'unclear', reason: 'short' })
  t.match(heardByNet(scores('yes', 0.6), 0.7, SHORT), { heard: 'unclear', reason: 'score' })
  t.equal(
    heardByNet(scores('yes', 0.84), 0.7, { ...SHORT, rangeDb: 30 }).heard,
    'yes',
    'noise hides its ends',
  )
  t.equal(heardByNet(scores('no', 0.6), 0.7, SHORT).heard, 'no', 'a no needs no higher one')
  t.end()
})

t.test('a Russian yes may be short, and needs a higher score in noise', t => {
  t.equal(heardBy(scores('yes', 0.71), 0.7, SHORT, 'ru').heard, 'yes')
  t.match(heardBy(scores('yes', 0.84), 0.7, NOISE, 'ru'), { heard: 'unclear', reason: 'noise' })
  t.match(heardBy(scores('yes', 0.6), 0.7, NOISE, 'ru'), { heard: 'unclear', reason: 'score' })
  t.equal(heardBy(scores('yes', 0.86), 0.7, NOISE, 'ru').heard, 'yes')
  t.end()
})

t.test('nothing is a yes before the grammar was asked', t => {
  for (const extent of [QUIET, NOISE, LOUD, VERY_LOUD])
    t.match(decide(heardByNet(scores('yes', 1), 0.7, extent)), {
      heard: 'unclear',
      scores: scores('yes', 1),
    })
  t.end()
})

t.test('each answer says the least score that made a yes of this utterance', t => {
  const needed = (
    extent: typeof QUIET,
    language: 'en' | 'ru',
    grammar: GrammarAnswer | undefined,
    likeliest: NetClass = 'yes',
  ) => {
    const answer = decide(heardBy(scores(likeliest, 0.97), 0.7, extent, language), grammar)
    const isEnough = likeliest === 'yes' && answer.needed !== undefined && grammar !== undefined
    t.equal(answer.heard === 'yes', isEnough, `${JSON.stringify(extent)} ${grammar}`)
    return answer.needed?.toFixed(3)
  }
  for (const language of ['en', 'ru'] as const) {
    t.equal(needed(QUIET, language, 'yes'), '0.700')
    t.equal(needed(QUIET, language, 'other'), undefined, 'no score is enough')
    t.equal(needed(LOUD, language, 'yes'), '0.850')
    t.equal(needed(LOUD, language, 'other'), '0.900')
    t.equal(needed(VERY_LOUD, language, 'yes'), '0.925')
    t.equal(needed(VERY_LOUD, language, 'other'), '0.940')
    t.equal(needed(LOUD, language, 'no'), undefined, 'a no is a no')
    t.equal(needed(LOUD, language, undefined, 'other'), '0.850', 'the grammar was not asked')
  }
  t.strictSame([needed(NOISE, 'en', 'yes'), needed(NOISE, 'en', 'other')], ['0.760', '0.760'])
  t.strictSame([needed(NOISE, 'ru', 'yes'), needed(NOISE, 'ru', 'other')], ['0.850', '0.850'])
  t.strictSame([needed(SHORT, 'en', 'yes'), needed(SHORT, 'ru', 'yes')], ['0.850', '0.700'])
  t.end()
})

t.test('a grammar tells its own words, and nothing else, apart', t => {
  for (const language of ['ru', 'en'] as const) {
    const { words, answer, text } = grammarOf(language)
    const kinds = new Set(Object.keys(words).map(word => answer(word)))
    t.strictSame([...kinds].sort(), ['no', 'other', 'yes'])
    t.equal(answer(null), 'other')
    t.equal(answer(''), 'other')
    for (const word of Object.keys(words)) t.ok(text.includes(word.replace(/\(\d+\)$/, '')))
  }
  t.end()
})
