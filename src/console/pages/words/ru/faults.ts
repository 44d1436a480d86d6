/** Advice about a prompt that does not suit its line. */
const CHOOSE = 'Выберите другую фразу или запишите новые слова.'

/** Faults of a line as `lineSchema` and the check of its prompts state them, each with its words in Russian. */
const FAULTS: readonly [RegExp, string][] = [
  [
    /^the prompt "(.*)" says key (.*) for yes, but this line takes (.*)$/,
    `Фраза «$1» называет для «да» клавишу $2, а у линии это $3. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" says key (.*) for no, but this line takes (.*)$/,
    `Фраза «$1» называет для «нет» клавишу $2, а у линии это $3. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" says (.*) to withdraw, but this line takes (.*)$/,
    `Фраза «$1» называет для отзыва $2, а у линии это $3. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" says key (.*) for this language, but this line takes (.*)$/,
    `Фраза «$1» называет для этого языка клавишу $2, а у линии это $3. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" says (\d+) days, but this line keeps recordings for (\d+)$/,
    `Фраза «$1» называет срок хранения в днях: $2, а у линии это $3. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" says that a withdrawal destroys the recording, but .*$/,
    `Фраза «$1» обещает, что при отзыве запись уничтожат, а линия её хранит. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" says that a withdrawal keeps the recording, but .*$/,
    `Фраза «$1» говорит, что при отзыве запись сохранят, а линия её уничтожает. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" says that the call ends after a no, but .*$/,
    `Фраза «$1» говорит, что после отказа звонок завершится, а линия его продолжает. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" says that the call goes on after a no, but .*$/,
    `Фраза «$1» говорит, что после отказа звонок продолжится, а линия его завершает. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" confirms a no, but .*$/,
    `Фраза «$1» подтверждает отказ, а звучит после «да». ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" confirms a yes, but .*$/,
    `Фраза «$1» подтверждает согласие, а звучит после «нет». ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" asks for a key, but this line only gives notice$/,
    `Фраза «$1» просит нажать клавишу, а линия только предупреждает. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" asks for a key, but this line takes spoken answers, too$/,
    `Фраза «$1» просит нажать клавишу, а линия слушает и голос. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" asks for a spoken answer, but this line asks for a key$/,
    `Фраза «$1» просит ответить голосом, а линия ждёт клавишу. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" asks for a spoken answer, but this line only gives notice$/,
    `Фраза «$1» просит ответить голосом, а линия только предупреждает. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" only gives notice, but this line .*$/,
    `Фраза «$1» только предупреждает, а линия ждёт ответа. ${CHOOSE}`,
  ],
  [
    /^the prompt "(.*)" does not ask for a spoken answer, but this line .*$/,
    `Фраза «$1» не просит ответить голосом, а линия слушает голос. ${CHOOSE}`,
  ],
  [
    /^Name the company and have its prompts spoken .*$/,
    'Назовите компанию и озвучьте её фразы на странице /setup/company или укажите там, что это пробная установка.',
  ],
  [
    /^the prompt "(.*)" \((.*)\) names “(.*)”, which is an example$/,
    'Фраза «$1» ($2) называет компанию «$3», а это пример.',
  ],
  [
    /^the prompt "(.*)" names another company, but this line has "(.*)"$/,
    `Фраза «$1» называет другую компанию, а линия — компании «$2». ${CHOOSE}`,
  ],
  [
    /^must name the engine that hears the answers, because the mode is voice-or-key$/,
    'Линия слушает голос: выберите, чем распознавать ответы.',
  ],
  [
    /^cannot be used where a purpose is called "consent".*$/,
    'Одна из целей линии называется consent, а так называются записи сказанного «да». Переименуйте цель или не храните ответы.',
  ],
  [
    /^must be true for the engine "embedded": it was measured on too few people to be proven$/,
    'Встроенный движок проверен на слишком малом числе людей. Чтобы он всё же слушал, разрешите непроверенный движок.',
  ],
  [
    /^must be at least (.*) where callers answer by voice$/,
    'Слишком мало: чтобы ответить голосом, нужно не меньше $1.',
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
  [
    /^must not hold characters that turn the direction of writing$/,
    'Здесь есть невидимые знаки, которые меняют направление письма. Введите текст заново.',
  ],
  [/^must be one of the keys 0-9 \* # A-D$/, 'Нужна одна клавиша: 0–9, * или #.'],
  [/^must be one to four of the keys 0-9 \* # A-D$/, 'Нужно от одной до четырёх клавиш: 0–9, * или #.'],
  [
    /^more than (\d+) days need a reason in longerBecause$/,
    'Дольше $1 дней хранят только с причиной: укажите её.',
  ],
  [/^must be a language with a folder of its own.*$/, 'Такого языка нет. Выберите другой из списка.'],
  [
    /^can be "voice-or-key" only in the languages .*$/,
    'Голосом отвечают только по-русски и по-английски. На других языках отвечают клавишей.',
  ],
  [/^must be one of the keys 0-9$/, 'Нужна одна цифра: 0–9.'],
  [/^offer two languages or more, or none$/, 'Предложите хотя бы два языка или ни одного.'],
  [/^a language stands twice$/, 'Один язык назван дважды.'],
  [/^two languages have one key$/, 'У двух языков одна и та же клавиша.'],
  [/^must include the line's own language$/, 'Среди языков должен быть и язык самой линии.'],
  [/^a line that records needs a purpose$/, 'Линии, которая записывает, нужна цель.'],
  [/^a purpose stands twice$/, 'Одна цель названа дважды.'],
  [/^yes, no, withdraw and pause must differ$/, 'Клавиши «да», «нет», отзыва и паузы должны различаться.'],
  [
    /^must differ from the keys of a pause, and neither may begin with the other$/,
    'Эти клавиши должны отличаться от клавиш паузы, и ни одни не должны начинаться с других.',
  ],
  [/^must be "all", or at most (.*)$/, 'Здесь нужно число секунд, не больше $1, или слово «всё».'],
  [/^must be at least (.*)$/, 'Слишком мало: нужно не меньше $1.'],
  [/^must be at most (.*)$/, 'Слишком много: можно не больше $1.'],
  [/^may have at most (\d+) characters$/, 'Слишком длинно: можно до $1 знаков.'],
  [/^must be a number$/, 'Здесь нужно число.'],
  [/^must be a whole number$/, 'Здесь нужно целое число.'],
  [/^must be a text$/, 'Здесь нужен текст.'],
  [/^must be true or false$/, 'Здесь нужно «да» или «нет».'],
  [/^must be a list$/, 'Здесь нужен список.'],
  [/^is missing$/, 'Здесь нужно значение.'],
  [/^must be one of: .*$/, 'Такого значения нет: выберите из списка.'],
  [/^has a form that this field cannot have$/, 'Такого значения здесь быть не может.'],
  [
    /^may hold only letters, digits and _ \* # \+ -$/,
    'Можно только латинские буквы, цифры и знаки _ * # + -.',
  ],
  [/^may hold only letters, digits and \* # \+$/, 'Можно только латинские буквы, цифры и знаки * # +.'],
  [
    /^is the address of another page of the console: choose another number$/,
    'По этому адресу у консоли другая страница. Выберите другой номер.',
  ],
  [/^is not known$/, 'Такого поля нет.'],
  [/^is no group.*$/, 'Такой группы линий нет.'],
  [/^may have at most (\d+) entries$/, 'Слишком много: можно не больше $1.'],
]

/** A fault in Russian, with durations in seconds. Without a translation, the original is shown. */
export function fault(message: string): string {
  const inSeconds = message.replace(
    /(\d+) ms\b/,
    (_, ms) => `${String(Number(ms) / 1_000).replace('.', ',')} с`,
  )
  for (const [form, words] of FAULTS) if (form.test(inSeconds)) return inSeconds.replace(form, words)
  return inSeconds
}
