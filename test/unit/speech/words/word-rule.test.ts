// Real: the rule of words, which is pure. Fake: none.
import fc from 'fast-check'
import t from 'tap'
import type { HeardLanguage } from '../../../../src/core/policy.js'
import type { SpokenClass } from '../../../../src/core/speech.js'
import { hearWords, wordsOf } from '../../../../src/speech/words/recognized-text.js'

/** What callers say, parted by commas. */
const SAID: Record<HeardLanguage, Record<SpokenClass, string>> = {
  ru: {
    yes: `да, да-да, да да да, согласен, согласна, я согласен, я согласна, да согласен, да я согласна, да да я согласен, да конечно,
      да хорошо, да пожалуйста, да давайте`,
    weak: `ага, ага ага, угу, угу-угу, конечно, хорошо, ладно, можно, давайте, разрешаю, я разрешаю, подтверждаю, не против, я не против,
      не возражаю, я не возражаю, да можно, да разрешаю, да ага, хорошо согласен, согласен да, давайте да, да конечно согласна`,
    no: `нет, нет-нет, неа, не, не-не, не согласен, я не согласна, несогласна, не надо, ненадо, не нужно, не хочу, я не хочу, нельзя, против,
      я против, отказываюсь, я отказываюсь, не разрешаю, не даю согласия, не записывайте, нет спасибо, ни в коем случае, категорически,
      категорически нет, да не согласен, да нет не согласен, да не надо, нет да, нет конечно, конечно нет, согласен нет, да я против,
      да возражаю, да не против, не да, стоп, да стоп, нет наверное, нет я согласен`,
    unclear: `да нет, да нет наверное, не знаю, я не знаю, пока не знаю, подумаю, я подумаю, может быть, ну, ну ну, э-э, м-м, что, алло, кто это,
      повторите, не слышу, я вас не слышу, минуту, оператор, да ладно, ну да, да но потом, дай, дата, на, нам, какое согласие, согласие,
      соглашусь потом, да или что, вода, неделя, нитка, хорошо бы узнать`,
  },
  en: {
    yes: 'yes, yes yes, yes yes yes, I agree, I consent, yes I agree, yes yes I consent, yes please, yes I do',
    weak: `yeah, yeah yeah, yep, uh-huh, uh huh, sure, okay, ok, OK, of course, fine, go ahead, yes sure, yes okay, sure I agree, okay yes,
      of course yes`,
    no: `no, no no, nope, nah, uh-uh, I don't agree, I don’t agree, I dont agree, I do not agree, I don't consent, I do not consent, I disagree,
      I refuse, I'd rather not, no thanks, no thank you, don't record, do not record me, stop, never, yes no, no yes, yes I don't agree,
      I agree not, not yes, yes but don't record, I can't agree, sure no, no problem, I wouldn't, we never agree`,
    unclear: `maybe, I don't know, I do not know, not sure, I'm not sure, what, hello, hello hello, who is this, who's this, hold on, um, uh, er,
      agent, I do, yes what, yes and, please, agree, consent, yesterday, yes man, I agreed, know, now, note`,
  },
}

for (const language of ['ru', 'en'] as const)
  for (const [heard, list] of Object.entries(SAID[language]))
    t.test(`${language}: what is ${heard}`, async t => {
      for (const text of list.split(',').map(one => one.trim())) {
        t.equal(hearWords(language, text).heard, heard, text)
        t.equal(hearWords(language, `  ${text.toUpperCase()}! `).heard, heard, `${text}, loud`)
        t.equal(hearWords(language, text.replaceAll(' ', ', … ')).heard, heard, `${text}, with pauses`)
      }
    })

t.test('words are read without case, punctuation, accents of ё, and kinds of apostrophes', async t => {
  t.strictSame(wordsOf('  Да — СОГЛАСЁН! '), ['да', 'согласен'])
  t.strictSame(wordsOf('I DON’T, “know”… uh-huh'), ['i', "don't", 'know', 'uh', 'huh'])
  t.strictSame(wordsOf("'tis 'yes'"), ['tis', 'yes'])
  t.strictSame(wordsOf('ｙｅｓ'), ['yes'], 'full width')
  t.strictSame(wordsOf(' …—, '), [])
})

t.test('nothing, or anything long, is no yes', async t => {
  for (const language of ['ru', 'en'] as const) {
    t.strictSame(hearWords(language, ' … '), { heard: 'unclear', reason: 'no-words' })
    t.strictSame(hearWords(language, 'шум'), { heard: 'unclear', reason: 'other-words' })
    const begun = performance.now()
    t.equal(hearWords(language, 'да yes '.repeat(5_000)).heard, 'unclear')
    t.equal(hearWords(language, `${'да yes '.repeat(5_000)} не not`).heard, 'no')
    t.ok(performance.now() - begun < 1_000, 'and is read at once')
  }
  t.equal(hearWords('ru', 'yes').heard, 'unclear', 'the word of another language is none')
  t.equal(hearWords('en', 'да').heard, 'unclear')
})

const NEGATIONS: Record<HeardLanguage, string[]> = {
  ru: [
    'нет',
    'не',
    'неа',
    'ни',
    'нельзя',
    'против',
    'отказываюсь',
    'несогласен',
    'не-не',
    'никогда',
    'категорически',
    'НЕТ!',
  ],
  en: [
    'no',
    'not',
    'nope',
    'nah',
    'never',
    "don't",
    'don’t',
    'dont',
    "can't",
    'cannot',
    'disagree',
    'refuse',
    'stop',
    'uh-uh',
    'NO.',
  ],
}

for (const language of ['ru', 'en'] as const) {
  const words = Object.values(SAID[language])
    .join(' ')
    .split(/[\s,]+/)
  const yes = SAID[language].yes.split(',').map(one => one.trim())
  const some = fc.array(fc.oneof(fc.constantFrom(...yes), fc.constantFrom(...words)), { maxLength: 6 })
  const between = fc.constantFrom(' ', ', ', '-', ' — ', '... ')

  t.test(`${language}: no text with a negation is a yes`, async t => {
    const check = fc.property(
      ...[some, fc.constantFrom(...NEGATIONS[language]), some, between],
      (before, negation, after, joint) =>
        hearWords(language, [...before, negation, ...after].join(joint)).heard !== 'yes',
    )
    t.doesNotThrow(() => fc.assert(check, { numRuns: 20_000 }))
  })

  t.test(`${language}: a yes with any word that is no yes beside it is none`, async t => {
    const other = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter(text => {
      const [word, ...more] = wordsOf(text)
      return word !== undefined && more.length === 0 && !yes.some(one => wordsOf(one).includes(word))
    })
    const allowed = new Set(yes.flatMap(wordsOf))
    const check = fc.property(fc.constantFrom(...yes), other, fc.boolean(), (said, word, first) => {
      const text = first ? `${word} ${said}` : `${said} ${word}`
      return allowed.has(wordsOf(word)[0]!) || hearWords(language, text).heard !== 'yes'
    })
    t.doesNotThrow(() => fc.assert(check, { numRuns: 5_000 }))
  })
}
