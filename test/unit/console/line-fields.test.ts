// Real: the fields of a line as forms send them. Fake: none.

import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { fieldsTyped } from '../../../src/console/pages/groups/typed-fields.js'
import {
  controlOf,
  ownPurposes,
  parseTyped,
  typedAt,
  withValue,
} from '../../../src/console/pages/line/fields.js'
import { edit as en } from '../../../src/console/pages/words/en/edit.js'
import { fault } from '../../../src/console/pages/words/ru/faults.js'
import { english } from '../../../src/core/message.js'
import { checkLine } from '../../../src/lines/validate.js'

const line = labLines[0]!

t.test('what is typed becomes the value of its field', async t => {
  const typed = (field: string, value: string) => parseTyped(field, { value })
  t.equal(typed('waitMs', '3,5'), 3_500)
  t.equal(typed('pauseMaxMs', '90'), 90_000)
  t.strictSame(
    ['4,5', 'All', 'всё', 'half'].map(text => typed('minHeardMs', text)),
    [4_500, 'all', 'all', 'half'],
  )
  t.match(fault(checkLine({ ...line, minHeardMs: 'half' }).faults[0]!.text), /не больше 60 с, или слово/)
  t.equal(typedAt({ minHeardMs: 'all' }, 'minHeardMs'), undefined)
  t.equal(typed('retries', ' 2 '), 2)
  t.equal(typed('retries', 'two'), 'two', 'the check of the draft says what is wrong')
  t.equal(typed('bargeIn', 'false'), false)
  t.strictSame(typed('onSilent', 'hangup'), { do: 'hangup' })
  t.strictSame(
    parseTyped('onRefused', { value: 'transfer', context: ' sales ', extension: '7', priority: '' }),
    { do: 'transfer', context: 'sales', extension: '7', priority: 1 },
  )
})

t.test('whoever empties the legal basis of keeping answers keeps none', async t => {
  const voice = withValue(withValue(line, 'mode', 'voice-or-key'), 'voice.engine', 'vosk')
  const basis = 'voice.keepAnswer.legalBasis'
  const kept = withValue(voice, basis, parseTyped(basis, { value: 'proof' }))
  t.strictSame(checkLine(kept).line?.voice?.keepAnswer, { retentionDays: 30, legalBasis: 'proof' })
  t.strictSame(withValue(kept, basis, ''), voice)
  t.equal(parseTyped('voice.keepAnswer.retentionDays', { value: '60' }), 60)
  const named = withValue(kept, 'purposes.0.purpose', 'consent')
  t.match(fault(checkLine(named).faults[0]!.text), /называется consent/)
})

t.test('how answers are heard is typed field by field, and its faults have words in Russian', async t => {
  const typed = (field: string, value: string) => parseTyped(`voice.${field}`, { value })
  t.equal(typed('engine', 'vosk'), 'vosk')
  t.equal(typed('threshold', '0,8'), 0.8)
  t.equal(typed('threshold', 'high'), 'high')
  t.equal(typed('weak', 'key'), 'key')
  t.strictSame([typed('keyAfterYes', 'true'), typed('experimental', 'false')], [true, false])
  const bare = withValue(line, 'mode', 'voice-or-key')
  t.match(
    checkLine(bare)
      .faults.map(({ text }) => fault(text))
      .join(),
    /выберите, чем распознавать/,
  )
  const voice = withValue(bare, 'voice.engine', 'embedded')
  for (const [field, value, words] of [
    ['mode', 'voice-or-key', /проверен на слишком малом числе людей/],
    ['voice.threshold', 0.2, /не меньше 0\.5/],
    ['voice.engine', 'ear', /выберите из списка/],
    ['waitMs', 2_000, /^Слишком мало: чтобы ответить голосом, нужно не меньше 3 с\.$/],
  ] as const) {
    const { faults } = checkLine(withValue(voice, field, value))
    t.ok(
      faults.some(({ text }) => words.test(fault(text))),
      `${field}: ${faults.map(({ text }) => fault(text)).join(' ')}`,
    )
  }
})

t.test('only fields that are edited are changed', async t => {
  for (const field of ['number', 'version', '__proto__.x', 'constructor', 'purposes.9.purpose', 'keys', ''])
    t.throws(() => parseTyped(field, { value: 'x' }), { code: 'request.invalid' }, field)
  t.equal(controlOf('purposes.0.legalBasis'), 'text')
})

t.test('a value is put into a draft, and the draft that was given stays as it is', async t => {
  const given = { keys: { yes: '1' }, purposes: [{ purpose: 'service', longerBecause: 'a contract' }] }
  const before = JSON.stringify(given)
  t.match(withValue(given, 'keys.no', '3'), { keys: { yes: '1', no: '3' } })
  t.match(withValue({}, 'keys.no', '3'), { keys: { no: '3' } })
  t.match(withValue(given, 'purposes.0.retentionDays', 5), { purposes: { 0: { retentionDays: 5 } } })
  t.strictSame(withValue(given, 'purposes.0.longerBecause', ''), {
    keys: { yes: '1' },
    purposes: [{ purpose: 'service' }],
  })
  t.throws(() => withValue(given, 'purposes.3.retentionDays', 5), { code: 'request.invalid' })
  t.equal(JSON.stringify(given), before)
})

t.test('purposes stay as they were typed, and those of a group are named only', async t => {
  const typed = [{ purpose: 'service', retentionDays: '60 days' }]
  t.strictSame(ownPurposes({ purposes: typed }, line.purposes), typed)
  for (const input of [{ group: 'sales' }, {}, null, 'text'])
    t.strictSame(ownPurposes(input, line.purposes), [{ purpose: 'service' }])
})

t.test('every fault that a form can cause has words in Russian', async t => {
  const wrong: [string, unknown][] = [
    ['keys.yes', 'x'],
    ['keys.withdraw', '*99999'],
    ['keys.no', line.keys.yes],
    ['waitMs', 10],
    ['waitMs', 99_000],
    ['waitMs', 'abc'],
    ['retries', 'two'],
    ['retries', 1.5],
    ['retries', 9],
    ['pauseMaxMs', 10],
    ['disclosure', 'Not A Name'],
    ['purposes', []],
    ['purposes.0.purpose', 'Service!'],
    ['purposes.0.legalBasis', ''],
    ['purposes.0.legalBasis', 'x'.repeat(1_001)],
    ['purposes.0.retentionDays', 90],
    ['purposes.0.retentionDays', 0],
  ]
  for (const [field, value] of wrong) {
    const { faults } = checkLine(withValue(line, field, value))
    t.ok(faults.length > 0, field)
    for (const { text } of faults) {
      t.match(fault(text), /[а-яё]/, `${field}: ${english(text)}`)
      t.notMatch(english(text), /expected|received|Invalid|[<>]=/, 'the words are our own')
    }
  }
})

t.test('a bound of a field that is typed in seconds is told in seconds', async t => {
  const told = (field: string, value: unknown) => {
    const { faults } = checkLine(withValue(line, field, value))
    return faults.map(({ text }) => [en.fault(text), fault(text)])
  }
  t.strictSame(told('waitMs', 10), [['Must be at least 1 s.', 'Слишком мало: нужно не меньше 1 с.']])
  t.strictSame(told('pauseMaxMs', 9_999_999), [
    ['Must be at most 3600 s.', 'Слишком много: можно не больше 3600 с.'],
  ])
  t.strictSame(told('waitMs', 'abc'), [['Must be a number.', 'Здесь нужно число.']])
  t.strictSame(told('retries', 9), [['Must be at most 5.', 'Слишком много: можно не больше 5.']])
})

t.test('what is typed in place of a number is shown again, also where it is empty', async t => {
  const typed = withValue(withValue(line, 'waitMs', 'abc'), 'purposes.0.retentionDays', '')
  t.equal(typedAt(typed, 'waitMs'), 'abc')
  t.equal(typedAt(typed, 'purposes.0.retentionDays'), '')
  t.equal(typedAt(typed, 'pauseMaxMs'), undefined)
  t.equal(typedAt(null, 'speech.threshold'), undefined)
})

t.test('what the form of a group does not show stays', async t => {
  const later = { colour: 'green', waitMs: 3_000, retries: 1 } as object
  t.strictSame(fieldsTyped({ waitMs: '4', retries: '' }, later), { colour: 'green', waitMs: 4_000 })
})
