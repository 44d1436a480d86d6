// Real: the shipped texts and manifest. Fake: none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { asksForSpeech } from '../../../src/prompts/contradictions.js'
import { shippedPromptFolder } from '../../../src/prompts/manifest.js'

type Says = Record<string, string | number>
interface Words {
  version: number
  text: string
  spoken?: string
  /** Where the languages say different things of a line. */
  says?: Says
}
type Text = { use: string; limitMs: Record<'ru' | 'en', number>; says?: Says } & Record<'ru' | 'en', Words>

const folder = shippedPromptFolder()
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const texts: Record<string, Text> = read('texts.json').prompts
const recorded: (Words & { name: string; language: 'ru' | 'en'; lengthMs: number })[] =
  read('manifest.json').prompts
const languages = ['ru', 'en'] as const

const disclosures = [
  'disclosure-key',
  'disclosure-voice',
  'disclosure-purposes',
  'disclosure-notice',
  'disclosure-outbound',
  'disclosure-joined',
]
/** Questions that name their purpose themselves. */
const questions = ['question-service', 'question-marketing']
/** Questions that may be answered by voice. */
const byVoice = ['question-voice', 'question-voice-service', 'question-voice-marketing', 'question-confirm']
/** Questions for a key alone, on lines by voice. */
const byKeyAlone = ['question-by-key', 'question-after-yes']
const confirmations = [
  ...['granted', 'refused', 'granted-service', 'refused-service', 'granted-marketing', 'refused-marketing'],
  'interrupted',
]
/** What an administrator hears who records a prompt by telephone. */
const recording = ['record-speak', 'record-review', 'record-unusable', 'record-kept']
const names = [
  ...['choose-language', ...recording],
  ...disclosures,
  'question',
  ...questions,
  ...byVoice,
  ...byKeyAlone,
  ...confirmations,
  'withdrawn',
  'withdrawn-kept',
]

/** What the texts must say, so that a yes is informed. */
const must = {
  ru: {
    who: /[Кк]омпания «Пример»/,
    why: /для контроля качества/,
    howLong: /храним тридцать дней/,
    refuse: /[Нн]ет(:| —|» или) (нажмите )?два/,
    withdraw: /в любой момент.*звёздочк(а,|у и) девять/,
    yes: /(Записать|согласны) .*\? Да(:| —) (нажмите )?один/,
  },
  en: {
    who: /Example Company/,
    why: /service quality/,
    howLong: /kept? .*for thirty days|keep it for thirty days/,
    refuse: /press two/,
    withdraw: /press star nine at any time/,
    yes: /agree.*press one/,
  },
}

t.test('every prompt has a text, a version and a use in both languages', async t => {
  t.same(Object.keys(texts).sort(), [...names].sort())
  for (const [name, text] of Object.entries(texts)) {
    t.ok(text.use, name)
    for (const language of languages) {
      t.ok(text[language].version >= 1 && text[language].text.endsWith('.'), `${name} in ${language}`)
    }
  }
})

t.test('a disclosure says who records, why, how long it is kept, and how to withdraw', async t => {
  for (const language of languages) {
    const { who, why, howLong, withdraw } = must[language]
    for (const name of disclosures)
      for (const point of [who, why, howLong, withdraw]) t.match(texts[name]![language].text, point)
  }
})

t.test(
  'a disclosure before a question says that a refusal has no consequences, and each purpose',
  async t => {
    for (const name of disclosures.filter(name => !/-(notice|joined)$/.test(name))) {
      t.match(
        texts[name]!.en.text,
        /(refuse, press two|may refuse|may refuse either): you will be served just the same/,
      )
      t.match(
        texts[name]!.ru.text,
        /нажмите два: вас обслужат так же|Можно отказаться: вас обслужат так же|Без согласия обслужим так же/,
      )
    }
    t.match(texts['disclosure-purposes']!.en.text, /marketing/)
    t.match(texts['disclosure-purposes']!.ru.text, /маркетинга/)
  },
)

t.test('whoever joins a recorded conversation is told so, and that a refusal changes nothing', async t => {
  const { en, ru } = texts['disclosure-joined']!
  t.match(en.text, /^You have joined a conversation of Example Company, recorded/)
  t.match(
    en.text,
    /While you have not agreed, nothing is recorded\. You may refuse: the conversation goes on/,
  )
  t.match(ru.text, /^Вы присоединились к разговору\. Компания «Пример» записывает его/)
  t.match(ru.text, /Пока вы не согласились, ничего не записывается\. Можно отказаться: разговор продолжится/)
})

t.test('a notice says that staying on the line means yes, and how to object', async t => {
  t.match(
    texts['disclosure-notice']!.en.text,
    /If you stay on the line, you agree.*If you object, hang up, or press star nine/,
  )
  t.match(texts['disclosure-notice']!.ru.text, /Оставаясь на линии.*Если вы против, положите трубку или/)
})

t.test(
  'a disclosure before the question that names no purpose says both keys, and the question repeats them',
  async t => {
    t.match(texts['disclosure-key']!.en.text, /To agree, press one\. To refuse, press two/)
    t.match(texts['disclosure-key']!.ru.text, /Если согласны, нажмите один\. Чтобы отказаться, нажмите два/)
    for (const language of languages)
      for (const point of [must[language].yes, must[language].refuse])
        t.match(texts['question']![language].text, point)
  },
)

t.test('a question names its purpose and both keys', async t => {
  for (const language of languages) {
    for (const name of questions)
      for (const point of [must[language].yes, must[language].refuse])
        t.match(texts[name]![language].text, point)
  }
  t.match(texts['question-marketing']!.en.text, /marketing/)
  t.match(texts['question-marketing']!.ru.text, /маркетинга/)
})

t.test(
  'a question by voice says what to say and which key to press, and the other ones ask for keys alone',
  async t => {
    for (const name of byVoice) {
      t.match(texts[name]!.en.text, /\? Say yes or press one\. Say no or press two\.$/, name)
      t.match(
        texts[name]!.ru.text,
        /\? Скажите «да» или нажмите один\. Скажите «нет» или нажмите два\.$/,
        name,
      )
      for (const language of languages) t.ok(asksForSpeech(texts[name]![language].text, language), name)
    }
    for (const name of byKeyAlone) {
      t.match(texts[name]!.en.text, /press one\. (For no|To refuse), press two\.$/, name)
      t.match(texts[name]!.ru.text, /нажмите один\. (Нет:|Чтобы отказаться,) нажмите два\.$/, name)
    }
  },
)

t.test('only the prompts of lines by voice ask callers to speak, in either language', async t => {
  const asking = Object.entries(texts).filter(([name]) => !recording.includes(name))
  for (const language of languages)
    t.strictSame(
      asking.flatMap(([name, text]) => (asksForSpeech(text[language].text, language) ? [name] : [])).sort(),
      ['disclosure-voice', ...byVoice].sort(),
    )
})

t.test('each prompt was recorded from its text in force', async t => {
  t.strictSame(
    recorded.map(({ name, language }) => `${name} ${language}`).sort(),
    names.flatMap(name => languages.map(language => `${name} ${language}`)).sort(),
  )
  for (const { name, language, version, text, says } of recorded) {
    const { version: wantedVersion, text: wantedText } = texts[name]![language]
    t.same({ version, text }, { version: wantedVersion, text: wantedText }, `${name} in ${language}`)
    t.strictSame(
      says,
      texts[name]![language].says ?? texts[name]!.says,
      `${name} in ${language}: what it says of a line`,
    )
  }
})

/** The words that say a setting of a line. */
const spokenSettings: Record<'ru' | 'en', [setting: string, value: string | number, words: RegExp][]> = {
  ru: [
    ['mode', 'key', /[Сс] вашего согласия/],
    ['mode', 'voice-or-key', /голосом или клавишей|Скажите «да»/],
    ['mode', 'notice', /Оставаясь на линии, вы соглашаетесь/],
    ['yes', '1', /нажмите один|Да — один/],
    ['no', '2', /нажмите два|нет — два/],
    ['withdraw', '*9', /звёздочк(а,|у и) девять/],
    ['retentionDays', 30, /тридцать дней/],
    ['onWithdraw', 'destroy', /запись уничтожим|записанное будет уничтожено/],
    ['onRefused', 'served', /обслуж(ат|им) так же/],
    ['answer', 'granted', /^Спасибо. Разговор будет записан|записываем\./],
    ['answer', 'refused', /^Разговор не будет записан|без записи/],
  ],
  en: [
    ['mode', 'key', /With your consent/],
    ['mode', 'voice-or-key', /by voice or key|Say yes/],
    ['mode', 'notice', /If you stay on the line, you agree/],
    ['yes', '1', /press one/],
    ['no', '2', /press two/],
    ['withdraw', '*9', /star nine/],
    ['retentionDays', 30, /thirty days/],
    ['onWithdraw', 'destroy', /to have the recording deleted|What was recorded will be deleted/],
    ['onRefused', 'served', /you will be served just the same/],
    ['answer', 'granted', /will be recorded|We will record/],
    ['answer', 'refused', /^This call will not be recorded|We will not record/],
  ],
}

t.test('a language is offered in itself, and its key is named', async t => {
  const { ru, en } = texts['choose-language']!
  t.match(ru, { text: /^Для русского языка нажмите один/, says: { key: '1' } })
  t.match(en, { text: /^For English, press two/, says: { key: '2' } })
})

t.test('what a prompt says of a line is what its words say, and nothing is left out', async t => {
  const ofAnswers = Object.entries(texts).filter(
    ([name]) => name !== 'choose-language' && !recording.includes(name),
  )
  for (const [name, text] of ofAnswers)
    for (const language of languages) {
      const heard = spokenSettings[language].filter(([, , words]) => words.test(text[language].text))
      const settings = Object.fromEntries(heard.map(([setting, value]) => [setting, value]))
      t.strictSame(settings, text.says ?? {}, `${name} in ${language}`)
    }
})

t.test('spoken words differ from the text only in marks', async t => {
  const letters = (words: string) => words.toLowerCase().replace(/[^a-zа-яё]/g, '')
  const spokenTexts = Object.entries(texts).filter(([, text]) => text.ru.spoken)
  t.ok(spokenTexts.length > 2, `${spokenTexts.length} spoken texts`)
  for (const [name, { ru }] of spokenTexts)
    t.equal(letters(ru.spoken!.replaceAll('+', '')), letters(ru.text), name)
})

t.test('no prompt is longer than the limit for its kind', async t => {
  const limit = (name: string, language: 'ru' | 'en') => {
    if (name === 'disclosure-purposes' && language === 'ru') return 12_000
    if (disclosures.includes(name)) return 15_000
    if (questions.includes(name) && language === 'en') return 7_000
    if (/^question-voice-/.test(name)) return 7_000
    if (byVoice.includes(name) || byKeyAlone.includes(name)) return 6_000
    if (name.startsWith('question')) return 4_000
    if (name === 'record-speak' || name === 'record-unusable') return 4_500
    return name === 'withdrawn' || name === 'record-review' ? 4_000 : 2_500
  }
  for (const { name, language, lengthMs } of recorded) {
    t.ok(lengthMs <= limit(name, language), `${name} in ${language}: ${lengthMs} ms`)
    t.equal(texts[name]!.limitMs[language], limit(name, language), `the limit in texts.json for ${name}`)
  }
})
