import { createInterface } from 'node:readline/promises'
import type { Language } from '../shared/policy.js'
import { type Words, words } from '../shared/words.js'

/** What `consentry setup` asks. */
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
  /** @returns what was typed; `usual` for an empty line */
  line(question: Words, usual: string): Promise<string>
  /** Asks until one of the answers is typed. An empty line is the first one. */
  choose(question: Words, answers: readonly [string, ...string[]]): Promise<string>
  confirm(question: Words): Promise<boolean>
  close(): void
}

/** Reads answers from standard input. Its end is an empty line. */
export function askOnTerminal(language: Language): Ask {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const ended = new Promise<string>(resolve => lines.once('close', () => resolve('')))
  const read = async (prompt: string) => (await Promise.race([lines.question(prompt), ended])).trim()
  const line = async (question: Words, usual: string) =>
    (await read(`${question[language]} [${usual}] `)) || usual
  return {
    line,
    async choose(question, answers) {
      for (;;) {
        const typed = await line(question, answers[0])
        if (answers.includes(typed)) return typed
      }
    },
    async confirm(question) {
      const typed = await read(`${question[language]} ${language === 'ru' ? '[да/нет]' : '[yes/no]'} `)
      return /^(y|yes|д|да)$/i.test(typed)
    },
    close: () => lines.close(),
  }
}
