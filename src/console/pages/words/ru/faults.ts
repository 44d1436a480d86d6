/** Faults of a line as `lineSchema` and the check of its prompts state them, each with its words in Russian. */
const FAULTS: readonly [RegExp, string][] = [
  [
    /^callers hear "(.*)" from the prompt "(.*)", but the line has "(.*)"$/,
    'Фраза «$2» говорит «$1», а у линии «$3». Измените значение или выберите другую фразу.',
  ],
  [
    /^callers hear another company from the prompt "(.*)", but the line has "(.*)"$/,
    'Фраза «$1» называет другую компанию, а линия — компании «$2». Выберите фразу со словами этой компании.',
  ],
  [
    /^the prompt "(.*)" is no disclosure: choose one that says .*$/,
    'Фраза «$1» ничего не сообщает о записи. Выберите ту, что говорит, что разговор записывают, зачем и на какой срок.',
  ],
  [/^there is no prompt "(.*)" in .*$/, 'Фразы «$1» на языке линии нет. Выберите другую.'],
  [
    /^must be lower-case words joined by hyphens$/,
    'Пишите маленькими латинскими буквами, слова через дефис.',
  ],
  [/^must not be empty$/, 'Здесь нужен текст.'],
  [/^must not hold control characters$/, 'Здесь есть недопустимые знаки.'],
  [/^must be one of the keys 0-9 \* # A-D$/, 'Нужна одна клавиша: 0–9, * или #.'],
  [/^must be one to four of the keys 0-9 \* # A-D$/, 'Нужно от одной до четырёх клавиш: 0–9, * или #.'],
  [
    /^more than (\d+) days need a reason in longerBecause$/,
    'Дольше $1 дней хранят только с причиной: укажите её.',
  ],
  [/^must be one of the keys 0-9$/, 'Нужна одна цифра: 0–9.'],
  [/^offer two languages or more, or none$/, 'Предложите хотя бы два языка или ни одного.'],
  [/^a language stands twice$/, 'Один язык назван дважды.'],
  [/^two languages have one key$/, 'У двух языков одна и та же клавиша.'],
  [/^must include the line's own language$/, 'Среди языков должен быть и язык самой линии.'],
  [/^a line that records needs a purpose$/, 'Линии, которая записывает, нужна цель.'],
  [/^a purpose stands twice$/, 'Одна цель названа дважды.'],
  [/^yes, no, withdraw and pause must differ$/, 'Клавиши «да», «нет», отзыва и паузы должны различаться.'],
  [/^Too small: expected (?:number|int) to be >=(\S+)$/, 'Слишком мало: нужно не меньше $1.'],
  [/^Too big: expected (?:number|int) to be <=(\S+)$/, 'Слишком много: можно не больше $1.'],
  [/^Too big: expected string to have <=(\d+) characters$/, 'Слишком длинно: можно до $1 знаков.'],
  [/^Invalid input: expected (?:number|int), received .*$/, 'Здесь нужно число.'],
  [/^Invalid input: expected .*$/, 'Здесь нужно другое значение.'],
  [/^Invalid option.*$/, 'Такого значения нет: выберите из списка.'],
  [
    /^may hold only letters, digits and _ \* # \+ -$/,
    'Можно только латинские буквы, цифры и знаки _ * # + -.',
  ],
  [/^may hold only letters, digits and \* # \+$/, 'Можно только латинские буквы, цифры и знаки * # +.'],
  [/^is not known$/, 'Такого поля нет.'],
  [/^is no group.*$/, 'Такой группы линий нет.'],
  [/^Too big: expected array to have <=(\d+) items$/, 'Слишком много: можно не больше $1.'],
]

/** A fault in Russian. One that has no words here is told as it is. */
export function fault(message: string): string {
  for (const [form, words] of FAULTS) if (form.test(message)) return message.replace(form, words)
  return message
}
