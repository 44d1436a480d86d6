// Real: the words and their variables. Fake: none.
import t from 'tap'
import { inWords } from '../../../src/console/pages/words/ru/messages/messages.js'
import { errorText } from '../../../src/core/errors.js'
import { english } from '../../../src/core/message.js'
import type { Language } from '../../../src/core/policy.js'
import { contradictions } from '../../../src/prompts/contradictions.js'
import {
  daysInWords,
  keysInWords,
  lengthDiffers,
  renderWords,
  type WordValues,
} from '../../../src/prompts/words/variables.js'
import { keyLine } from '../../support/data/policies.js'

t.test('terms are spoken with the right noun, in both languages', async t => {
  const terms: [number, string, string, string][] = [
    [1, 'one day', 'один день', 'одного дня'],
    [2, 'two days', 'два дня', 'двух дней'],
    [5, 'five days', 'пять дней', 'пяти дней'],
    [11, 'eleven days', 'одиннадцать дней', 'одиннадцати дней'],
    [21, 'twenty-one days', 'двадцать один день', 'двадцати одного дня'],
    [30, 'thirty days', 'тридцать дней', 'тридцати дней'],
    [40, 'forty days', 'сорок дней', 'сорока дней'],
    [93, 'ninety-three days', 'девяносто три дня', 'девяноста трёх дней'],
    [100, 'one hundred days', 'сто дней', 'ста дней'],
    [
      365,
      'three hundred and sixty-five days',
      'триста шестьдесят пять дней',
      'трёхсот шестидесяти пяти дней',
    ],
    [1095, 'one thousand and ninety-five days', 'тысяча девяносто пять дней', 'тысячи девяноста пяти дней'],
    [
      3660,
      'three thousand six hundred and sixty days',
      'три тысячи шестьсот шестьдесят дней',
      'трёх тысяч шестисот шестидесяти дней',
    ],
  ]
  for (const [days, en, ru, genitive] of terms) {
    t.equal(daysInWords(days, 'en'), en)
    t.equal(daysInWords(days, 'ru'), ru)
    t.equal(daysInWords(days, 'ru', 'genitive'), genitive)
  }
})

t.test('keys are spoken by their names', async t => {
  t.equal(keysInWords('*9', 'en'), 'star nine')
  t.equal(keysInWords('*9', 'ru'), 'звёздочка, девять')
  t.equal(keysInWords('*9', 'ru', true), 'звёздочку и девять')
  t.equal(keysInWords('#', 'ru', true), 'решётку')
  t.equal(keysInWords('0', 'en'), 'zero')
})

const values: WordValues = {
  company: 'Ромашка',
  days: 30,
  terms: { marketing: 14 },
  yes: '1',
  no: '2',
  withdraw: '*9',
}

t.test('what words tell callers follows from their variables', async t => {
  const ru = renderWords(
    'Это «{company}». Храним {days}, для м+аркетинга {days:marketing}. Да: нажмите {yes}.',
    values,
    'ru',
  )
  t.strictSame(ru, {
    text: 'Это «Ромашка». Храним тридцать дней, для маркетинга четырнадцать дней. Да: нажмите один.',
    spoken: 'Это «Ромашка». Храним тридцать дней, для м+аркетинга четырнадцать дней. Да: нажмите один.',
    says: { retentionDays: 30, terms: { marketing: 14 }, yes: '1' },
  })
  const own = { ...keyLine, language: 'ru' as const, disclosure: 'own' }
  const faults = contradictions(own, [
    { name: 'own', language: 'ru', says: { terms: { [own.purposes[0]!.purpose]: 14 } } },
  ])
  t.equal(faults.length, 1)
  t.match(
    english(faults[0]!),
    /retentionDays: the prompt "own" says 14 days, but this line keeps recordings for 30/,
  )
})

t.test('a key or a term that is written out is refused, and so is a variable without value', async t => {
  const refused: [string, Language, RegExp][] = [
    ['To agree, press one.', 'en', /"press one" names a key: write \{yes\}/],
    ['To agree, press the key 1.', 'en', /names a key/],
    ['Kept for thirty days.', 'en', /"thirty days" names a term: write \{days\}/],
    ['Kept for 30 days.', 'en', /names a term/],
    ['Если согласны, нажмите один.', 'ru', /names a key/],
    ['Нажмите звёздочку и девять.', 'ru', /names a key/],
    ['Храним тридцать дней.', 'ru', /names a term/],
    ['В течение тридцати дней.', 'ru', /names a term/],
    ['Hello {name}.', 'en', /no variable \{name\}/],
    ['Hello {company.genitive}.', 'en', /no variable/],
    ['Kept for {days:service}.', 'en', /\{days:service\} has no value/],
    ['Hello {company.', 'en', /brace/],
    ['   ', 'en', /1 to 1500 characters/],
    ['x'.repeat(1501), 'en', /1 to 1500 characters/],
    ['\u0007', 'en', /control characters/],
  ]
  for (const [template, language, message] of refused)
    t.throws(() => renderWords(template, values, language), { code: 'request.invalid', message }, template)
  t.throws(() => renderWords('This is {company}.', {}, 'en'), /\{company\} has no value/)
  for (const template of ['Press the line again.', 'Some days are longer.', 'Each day one of us calls.'])
    t.equal(renderWords(template, {}, 'en').text, template)
})

t.test('sounds that are much longer or shorter than their words are noticed', async t => {
  const text = 'Thank you. This call will be recorded.'
  t.notOk(lengthDiffers(text, 2280))
  t.ok(lengthDiffers(text, 900))
  t.ok(lengthDiffers(text, 9000))
  t.notOk(
    lengthDiffers('Do you agree? For yes, press five. For no, press two.', 4900),
    'short sentences have pauses',
  )
})

t.test('the variables that a refusal names are told in Russian without English words', t => {
  for (const template of ['Слово {nope}.', 'Слово {yes'])
    try {
      renderWords(template, {}, 'ru')
      t.fail(template)
    } catch (error) {
      t.notMatch(inWords(errorText(error)), /\b(in|also|and)\b/)
      t.match(inWords(errorText(error)), '{withdraw.accusative}, {days.genitive}')
    }
  t.throws(() => renderWords('Word {nope}.', {}, 'en'), { message: /\{days:PURPOSE\}\.$/ })
  t.end()
})
