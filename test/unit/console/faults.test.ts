// Real: the words of both languages. Fake: none.
// Pages name fields as their forms do. Names of the API stay where programs read them.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { en } from '../../../src/console/pages/words/en/en.js'
import { ru } from '../../../src/console/pages/words/ru/ru.js'
import { english, type Message, messageOf, text } from '../../../src/core/message.js'
import { checkLine, validateGroup } from '../../../src/lines/validate.js'

const list = (between: string, ...faults: Message[]) => ({ list: faults, between })
const fault = (field: string, message: string) => text`${{ field }} ${messageOf(message)}`
const requested = (request: string, message: string) => text`${{ request }} ${messageOf(message)}`

const CASES: readonly (readonly [Message, message: string, en: string, ru: string])[] = [
  [
    text`The group is not valid: ${list('; ', fault('waitMs', 'must be a number'), fault('purposes.0.purpose', 'must be lower-case words joined by hyphens'))}`,
    'The group is not valid: waitMs must be a number; purposes.0.purpose must be lower-case words joined by hyphens',
    'The group is not valid.\nWait for the answer, s: Must be a number.\nPurpose, in small letters (purpose 1): Must be lower-case words joined by hyphens.',
    'В группе есть ошибки.\nСколько ждать ответа, с: Здесь нужно число.\nЦель, латиницей (цель 1): Пишите маленькими латинскими буквами, слова через дефис.',
  ],
  [
    text`The line's policy is not valid: ${list('; ', fault('onRefused.context', 'may hold only letters, digits and _ * # + -'))}`,
    "The line's policy is not valid: onRefused.context may hold only letters, digits and _ * # + -",
    "The line's policy is not valid.\nAfter a no: May hold only letters, digits and _ * # + -.",
    'В линии есть ошибки.\nПосле отказа: Можно только латинские буквы, цифры и знаки _ * # + -.',
  ],
  [
    text`The draft is not valid.\n${list('\n', text`  ${{ field: 'purposes.1.retentionDays' }}: ${text`more than ${30} days need a reason in longerBecause`}`)}`,
    'The draft is not valid.\n  purposes.1.retentionDays: more than 30 days need a reason in longerBecause',
    'The draft is not valid.\nKept for, days (purpose 2): More than 30 days need a reason.',
    'В черновике есть ошибки.\nСрок хранения, дней (цель 2): Дольше 30 дней хранят только с причиной: укажите её.',
  ],
  [
    text`The draft is not valid.\n${list('\n', text`  ${{ field: 'keys.yes' }}: ${messageOf('must be one of the keys 0-9 * # A-D')}`)}`,
    'The draft is not valid.\n  keys.yes: must be one of the keys 0-9 * # A-D',
    'The draft is not valid.\nKey for yes: Must be one of the keys 0-9 * # A-D.',
    'В черновике есть ошибки.\nКлавиша «да»: Нужна одна клавиша: 0–9, * или #.',
  ],
  [
    text`Lines of the group would not be valid.\n${list('\n', text`  line ${'700'}: ${fault('purposes', 'must not be empty')}`)}`,
    'Lines of the group would not be valid.\n  line 700: purposes must not be empty',
    'Lines of the group would not be valid.\nLine 700: Purposes: Must not be empty.',
    'С такими значениями в линиях группы были бы ошибки.\nЛиния 700: Цели: Здесь нужен текст.',
  ],
  [
    text`${list('; ', requested('number', 'may hold only letters, digits and * # +'))}`,
    '/number may hold only letters, digits and * # +',
    'Number: May hold only letters, digits and * # +.',
    'Номер: Можно только латинские буквы, цифры и знаки * # +.',
  ],
  [
    text`${list('; ', requested('publishAt', 'Invalid ISO datetime'))}`,
    '/publishAt Invalid ISO datetime',
    'Time of publication: Invalid ISO datetime.',
    'Время публикации: Такого значения здесь быть не может.',
  ],
  [
    text`${list('; ', requested('revision', 'Invalid input: expected number, received NaN'), requested('', 'Unrecognized key: "x"'))}`,
    '/revision Invalid input: expected number, received NaN; / Unrecognized key: "x"',
    'The form is not as the page sends it: reload the page.',
    'Форма не такая, какой её отправляет страница. Откройте страницу заново.',
  ],
  [
    text`  line ${'700'}: ${text`${{ field: '' }} ${text`the prompt "${'our'}" ${'asks for a key'}, but this line ${'only gives notice'}`}`}`,
    '  line 700: the whole the prompt "our" asks for a key, but this line only gives notice',
    'Line 700: The prompt "our" asks for a key, but this line only gives notice. Choose another prompt, or have new words spoken.',
    'Линия 700: Фраза «our» просит нажать клавишу, а линия только предупреждает. Выберите другую фразу или запишите новые слова.',
  ],
]

for (const [message, inEnglish, onEnglishPage, onRussianPage] of CASES)
  t.test(inEnglish, async t => {
    t.equal(english(message), inEnglish)
    t.equal(en.problem.inWords(message), onEnglishPage)
    t.equal(ru.problem.inWords(message), onRussianPage)
  })

t.test('the faults of a line keep their values', async t => {
  const line = { ...labLines[0]!, waitMs: 1, minHeardMs: 'half' }
  const [wait, heard] = checkLine(line).faults.map(one => one.text)
  t.strictSame(heard, text`must be at least ${{ ms: 1_000 }}`)
  t.strictSame(wait, text`must be "all", or at most ${{ ms: 60_000 }}`)
  t.throws(() => validateGroup({ waitMs: 1 }), {
    message: 'The group is not valid: waitMs must be at least 1000 ms',
  })
})

t.test('the fault of a draft says no name of a field', async t => {
  t.equal(
    en.edit.fault(text`more than ${30} days need a reason in longerBecause`),
    'More than 30 days need a reason.',
  )
})

t.test('a sentence about a person does not begin with the name, which would get a capital', async t => {
  const message = text`This change is partly by ${'anna'}: somebody else must approve it.`
  t.equal(en.problem.inWords(message), 'This change is partly by anna: somebody else must approve it.')
})
