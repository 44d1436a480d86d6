import pc from 'picocolors'
import type { WrittenLanguage } from '../core/policy.js'
import type { ProbeResult } from '../site/probe/probe-and-journal.js'

const WORDS = {
  en: {
    answers: { yes: 'yes', no: 'no', silent: 'silence' },
    nothing: 'nothing recorded',
    recorded: (purpose: string, seconds: string) => `${purpose}: ${seconds} s, verified`,
    sound: 'Nothing is wrong.',
    wrong: (count: number) => `Calls that showed something wrong: ${count}.`,
  },
  ru: {
    answers: { yes: 'да', no: 'нет', silent: 'молчание' },
    nothing: 'записи нет',
    recorded: (purpose: string, seconds: string) => `${purpose}: ${seconds} с, проверена`,
    sound: 'Ошибок нет.',
    wrong: (count: number) => `Звонков с ошибками: ${count}.`,
  },
} as const satisfies Record<WrittenLanguage, unknown>

/** One probe call in a line, or one line for each of its faults. It ends in a newline. */
export function probeText(
  { line, answer, ok, call, faults, recordings }: ProbeResult,
  language: WrittenLanguage,
): string {
  const words = WORDS[language]
  const head = `${line}  ${words.answers[answer].padEnd(9)}`
  if (ok) {
    const kept = recordings.map(({ purpose, seconds }) => words.recorded(purpose, seconds.toFixed(1)))
    return `${pc.green('✔')} ${pc.bold(head)} ${kept.join(', ') || words.nothing}  ${pc.dim(call ?? '')}\n`
  }
  return faults
    .map(({ kind, what }) => `${pc.red('✘')} ${pc.bold(head)} ${kind}: ${what[language]}\n`)
    .join('')
}

/** One sentence about all calls. */
export function probeSummary(results: readonly ProbeResult[], language: WrittenLanguage): string {
  const wrong = results.filter(({ ok }) => !ok).length
  const words = WORDS[language]
  return wrong === 0 ? `${pc.green(words.sound)}\n` : `${pc.red(words.wrong(wrong))}\n`
}
