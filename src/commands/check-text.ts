import pc from 'picocolors'
import type { WrittenLanguage } from '../core/policy.js'
import { type CheckResult, type Fault, isWrong } from '../site/check/check.js'

/** Width of the column of titles, characters. */
const TITLE = 24
/** Place where the text of a result begins: mark, title, two blanks between. */
const INDENT = 2 + TITLE + 2
/** Least and usual width of a line, characters. */
const LEAST = 60
const USUAL = 100

const MARKS = {
  sound: pc.green('✔'),
  unknown: pc.dim('?'),
  weak: pc.yellow('!'),
  fault: pc.red('✘'),
}

/**
 * The rows of one check in the table: mark, title, findings; for a fault also setting and remedy. It ends in a newline.
 */
export function checkLine({ title, outcome }: CheckResult, language: WrittenLanguage): string {
  if (outcome.state !== 'fault')
    return row(MARKS[outcome.state], title[language], [outcome.found[language]], outcome.state === 'unknown')
  return outcome.faults
    .map((fault, i) => row(markOf(fault), i === 0 ? title[language] : '', textOf(fault, language)))
    .join('')
}

const markOf = ({ weak }: Fault): string => (weak ? MARKS.weak : MARKS.fault)

const textOf = ({ found, setting, remedy }: Fault, language: WrittenLanguage): string[] => [
  found[language],
  `${setting}: ${remedy[language]}`,
]

function row(mark: string, title: string, [found = '', ...more]: string[], dim = false): string {
  const paint = dim ? pc.dim : (text: string) => text
  const lines = [...wrap(found).map(paint), ...more.flatMap(wrap).map(pc.cyan)]
  return lines
    .map((line, i) =>
      i === 0 ? `${mark} ${pc.bold(title.padEnd(TITLE))}  ${line}\n` : `${' '.repeat(INDENT)}${line}\n`,
    )
    .join('')
}

/** Breaks a text into lines that fit beside the title. */
function wrap(text: string): string[] {
  const width = Math.max(LEAST, (process.stdout.columns || USUAL) - INDENT)
  const lines = ['']
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)!
    if (last !== '' && last.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}

/** One sentence about all checks. */
export function checkSummary(results: readonly CheckResult[], language: WrittenLanguage): string {
  const wrong = results.filter(isWrong).length
  const weak = results.filter(one => one.outcome.state === 'fault' && !isWrong(one)).length
  const unseen = results.filter(({ outcome }) => outcome.state === 'unknown').length
  const more = MORE[language](weak, unseen)
  if (wrong === 0) return `${pc.green(SOUND[language])}${more}\n`
  return `${pc.red(WRONG[language](wrong))}${more}\n`
}

const SOUND = { en: 'Nothing is wrong.', ru: 'Ошибок нет.' }
const WRONG = {
  en: (count: number) => `Checks that found something wrong: ${count}.`,
  ru: (count: number) => `Проверок, нашедших ошибку: ${count}.`,
}
const MORE = {
  en: (weak: number, unseen: number) =>
    `${weak > 0 ? ` Weak points: ${weak}.` : ''}${unseen > 0 ? ` Not looked at: ${unseen}.` : ''}`,
  ru: (weak: number, unseen: number) =>
    `${weak > 0 ? ` Слабых мест: ${weak}.` : ''}${unseen > 0 ? ` Не проверено: ${unseen}.` : ''}`,
}
