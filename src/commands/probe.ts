import pc from 'picocolors'
import type { WrittenLanguage } from '../core/policy.js'
import { PROBE_ANSWERS, type ProbeAnswer } from '../core/probe-call.js'
import { type ProbeResult, probeLine } from '../site/probe/probe-and-journal.js'
import { actor, byOption } from './actor.js'
import { type Command, oneWord, print, type Request, text, UsageError } from './command.js'
import { commandLanguage } from './language.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Calls a line through the PBX, and checks that callers are asked and recorded as they should be',
  details:
    'A real call, placed by the PBX itself: nobody is rung, and no count of calls has it. By default three calls, one after another: the caller says yes, no, and nothing. --answer: only this one. Each takes about half a minute. --context: where in the dialplan the line is called, such as from-trunk; then agents are rung as by any caller. Its recording is destroyed after a day. Exit code 1 if something is wrong.',
  usage: ['LINE [--answer yes|no|silent] [--context NAME] [--by NAME] [--lang ru|en]'],
  example: 'probe 100 --answer yes',
  options: {
    answer: { type: 'string' },
    context: { type: 'string' },
    lang: { type: 'string' },
    ...byOption,
  },
  async run(request) {
    const language = commandLanguage(request)
    const line = oneWord(request, 'line')
    const answers = wantedAnswers(request)
    const context = contextOf(request)
    const by = actor(request)
    const results = await withProject(async project => {
      const made: ProbeResult[] = []
      for (const answer of answers) {
        const result = await probeLine(project, by, { line, answer, context })
        made.push(result)
        if (!request.json) process.stdout.write(probeText(result, language))
      }
      return made
    })
    const ok = results.every(one => one.ok)
    print(request, { ok, probes: results }, probeSummary(results, language))
    return ok ? 0 : 1
  },
}

/** @throws UsageError for an unknown answer */
function wantedAnswers(request: Request): readonly ProbeAnswer[] {
  const asked = text(request, 'answer')
  if (asked === undefined) return PROBE_ANSWERS
  const known = PROBE_ANSWERS.find(one => one === asked)
  if (!known) throw new UsageError(`--answer is one of ${PROBE_ANSWERS.join(', ')}`)
  return [known]
}

/** The name of a context of the dialplan. */
const CONTEXT = /^[\w.-]{1,79}$/

/** @throws UsageError for an invalid context */
function contextOf(request: Request): string | undefined {
  const context = text(request, 'context')
  if (context !== undefined && !CONTEXT.test(context))
    throw new UsageError('--context is the name of a context of the dialplan, such as from-trunk')
  return context
}

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
function probeText(
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
function probeSummary(results: readonly ProbeResult[], language: WrittenLanguage): string {
  const wrong = results.filter(({ ok }) => !ok).length
  const words = WORDS[language]
  return wrong === 0 ? `${pc.green(words.sound)}\n` : `${pc.red(words.wrong(wrong))}\n`
}
