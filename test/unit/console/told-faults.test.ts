// Real: the words of both languages. Fake: none.
// Pages name fields as their forms do. Names of the API stay where programs read them.
import t from 'tap'
import { en } from '../../../src/console/pages/words/en/en.js'
import { ru } from '../../../src/console/pages/words/ru/ru.js'

const CASES: Readonly<Record<string, readonly [en: string, ru: string]>> = {
  'The group is not valid: waitMs must be a number; purposes.0.purpose must be lower-case words joined by hyphens':
    [
      'The group is not valid.\nWait for the answer, s: Must be a number.\nPurpose, in small letters (purpose 1): Must be lower-case words joined by hyphens.',
      'В группе есть ошибки.\nСколько ждать ответа, с: Здесь нужно число.\nЦель, латиницей (цель 1): Пишите маленькими латинскими буквами, слова через дефис.',
    ],
  "The line's policy is not valid: onRefused.context may hold only letters, digits and _ * # + -": [
    "The line's policy is not valid.\nAfter a no: May hold only letters, digits and _ * # + -.",
    'В линии есть ошибки.\nПосле отказа: Можно только латинские буквы, цифры и знаки _ * # + -.',
  ],
  'The draft is not valid.\n  purposes.1.retentionDays: more than 30 days need a reason in longerBecause': [
    'The draft is not valid.\nKept for, days (purpose 2): More than 30 days need a reason.',
    'В черновике есть ошибки.\nСрок хранения, дней (цель 2): Дольше 30 дней хранят только с причиной: укажите её.',
  ],
  'Lines of the group would not be valid.\n  line 700: purposes must not be empty': [
    'Lines of the group would not be valid.\nLine 700: Purposes: Must not be empty.',
    'С такими значениями в линиях группы были бы ошибки.\nЛиния 700: Цели: Здесь нужен текст.',
  ],
  '/number may hold only letters, digits and * # +': [
    'Number: May hold only letters, digits and * # +.',
    'Номер: Можно только латинские буквы, цифры и знаки * # +.',
  ],
  '/revision Invalid input: expected number, received NaN; the whole Unrecognized key: "x"': [
    'The form is not as the page sends it: reload the page.',
    'Форма не такая, какой её отправляет страница. Откройте страницу заново.',
  ],
}

for (const [message, [inEnglish, inRussian]] of Object.entries(CASES))
  t.test(message, async t => {
    t.equal(en.problem.told(message), inEnglish)
    t.equal(ru.problem.told(message), inRussian)
  })

t.test('the fault of a draft says no name of a field', async t => {
  const message = 'more than 30 days need a reason in longerBecause'
  t.equal(en.edit.fault(message), 'More than 30 days need a reason.')
})

t.test('a sentence about a person does not begin with the name, which would get a capital', async t => {
  t.equal(
    en.problem.told('This draft was changed last by anna: somebody else must approve it.'),
    'This draft was changed last by anna: somebody else must approve it.',
  )
})
