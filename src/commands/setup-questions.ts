import { createInterface } from 'node:readline'
import type { WrittenLanguage } from '../core/policy.js'
import { type Words, words } from '../core/words.js'

/** The questions of `consentry setup`. */
export const QUESTIONS = {
  database: words(
    'Which PostgreSQL: that of this machine (local), or one that runs with the service (embedded, for a trial)?',
    'Какой PostgreSQL: тот, что на этой машине (local), или встроенный в службу (embedded, для пробы)?',
  ),
  keys: words(
    'Who draws the keys: a browser (console), or this machine, with the secret half in the folder of a removable disk (its path)?',
    'Где создать ключи: в браузере (console) или здесь, с секретной половиной в папке съёмного диска (её путь)?',
  ),
  apply: words('Carry this out?', 'Выполнить?'),
}

/** Asks people on a terminal. */
export interface Ask {
  /** @returns the typed text; `usual` for an empty line */
  line(question: Words, usual: string): Promise<string>
  /** Asks until one of the answers is typed. An empty line is the first one. */
  choose(question: Words, answers: readonly [string, ...string[]]): Promise<string>
  confirm(question: Words): Promise<boolean>
  close(): void
}

/** Reads answers from standard input, and asks on standard error. The end of the input is an empty line. */
export function askOnTerminal(language: WrittenLanguage): Ask {
  const lines = createInterface({ input: process.stdin, terminal: false })
  // Unlike `question`, this keeps lines that arrive before they are asked for.
  const typed = lines[Symbol.asyncIterator]()
  const read = async (prompt: string): Promise<string> => {
    process.stderr.write(prompt)
    const { value, done } = await typed.next()
    return done ? '' : String(value).trim()
  }
  const line = async (question: Words, usual: string) =>
    (await read(`${question[language]} [${usual}] `)) || usual
  return {
    line,
    async choose(question, answers) {
      for (;;) {
        const answer = await line(question, answers[0])
        if (answers.includes(answer)) return answer
      }
    },
    async confirm(question) {
      const answer = await read(`${question[language]} ${language === 'ru' ? '[да/нет]' : '[yes/no]'} `)
      return /^(y|yes|д|да)$/i.test(answer)
    },
    close: () => lines.close(),
  }
}
