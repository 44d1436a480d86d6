import type { HeardLanguage } from '../../core/policy.js'

/** The kind of a recording: a clear yes or no, a weak yes, or another phrase of a caller. */
export const KINDS = ['yes', 'no', 'weak', 'other'] as const
export type Kind = (typeof KINDS)[number]

/** Takes of each phrase per speaker. A take may be spoilt, and a person varies from take to take. */
const TAKES = 3

/** The phrases of each speaker, by the part of the file's name that stands for them. */
const PHRASES: Record<HeardLanguage, Record<Kind, Record<string, string>>> = {
  ru: {
    yes: { da: 'Да.', soglasen: 'Согласен. / Согласна.', 'da-soglasen': 'Да, согласен. / Да, согласна.' },
    no: { net: 'Нет.', 'ne-soglasen': 'Не согласен. / Не согласна.', 'ne-nado': 'Не надо.' },
    weak: { aga: 'Ага.', ladno: 'Ладно.' },
    other: { chto: 'Что?', allo: 'Алло?', 'ne-znayu': 'Не знаю.', 'da-net': 'Да нет, наверное.' },
  },
  en: {
    yes: { yes: 'Yes.', 'i-agree': 'I agree.', 'yes-please': 'Yes, please.' },
    no: { no: 'No.', 'i-do-not-agree': "I don't agree.", 'no-thanks': 'No, thanks.' },
    weak: { yeah: 'Yeah.', okay: 'Okay.' },
    other: { what: 'What?', hello: 'Hello?', 'not-sure': "I don't know.", maybe: 'Maybe.' },
  },
}

interface ScriptWords {
  title: string
  before: readonly string[]
  say: string
  file: string
}

const WORDS: Record<HeardLanguage, ScriptWords> = {
  ru: {
    title: 'Запись голосов',
    before: [
      'Каждый говорящий до записи подписывает согласие на запись и на обработку голоса. Без него не записывайте.',
      'Записывайте по телефону, через свою АТС: так звучат и звонящие. Подойдёт WAV с частотой от 8000 Гц, один канал.',
      'Для каждого говорящего заведите папку: s001, s002 и так далее. Имён в названиях не пишите.',
      `Каждую фразу говорят ${TAKES} раза, каждый раз в отдельный файл, обычным голосом, с секундой тишины до и после. Из двух форм говорят свою.`,
      'Нужно не меньше 100 говорящих, мужчин и женщин поровну, разного возраста.',
    ],
    say: 'сказать',
    file: 'файлы в папке говорящего',
  },
  en: {
    title: 'Recording of voices',
    before: [
      'Before the recording, each speaker signs a consent to the recording and to the processing of the voice. Record no speaker without one.',
      'Record by telephone, through your own PBX, because callers sound like that. WAV with 8000 samples a second or more, one channel.',
      'Make a folder for each speaker: s001, s002 and so on. Put no names in it.',
      `Each phrase is said ${TAKES} times, each time into a file of its own, in the usual voice, with a second of silence before and after it.`,
      'At least 100 speakers are needed, as many women as men, of all ages.',
    ],
    say: 'say',
    file: "files in the speaker's folder",
  },
}

/** Makes the script for recording voices, in Markdown: the phrases, and the names of the files. */
export function scriptFor(language: HeardLanguage): string {
  const { title, before, say, file } = WORDS[language]
  const rows = KINDS.flatMap(kind =>
    Object.entries(PHRASES[language][kind]).map(([name, words]) => {
      const files = Array.from({ length: TAKES }, (_, take) => `\`${kind}-${name}-${take + 1}.wav\``)
      return `| ${words} | ${files.join(' ')} |`
    }),
  )
  return [
    `# ${title}`,
    '',
    ...before.map((line, i) => `${i + 1}. ${line}`),
    '',
    `| ${say} | ${file} |`,
    '|---|---|',
  ]
    .concat(rows, '')
    .join('\n')
}

/** The kind of a recording by its file's name, such as `yes-da-1.wav`. Undefined for another name. */
export const kindOf = (name: string): Kind | undefined =>
  KINDS.find(kind => new RegExp(`^${kind}-[a-z0-9-]+\\.wav$`).test(name))
