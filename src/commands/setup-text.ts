import pc from 'picocolors'
import type { WrittenLanguage } from '../core/policy.js'
import { type Change, type StepPlan, withoutSecrets } from '../site/setup/change.js'
import { diffLines } from '../site/setup/diff.js'
import type { Kept } from '../site/setup/removal.js'

const NOTHING = { en: 'Nothing has to change.', ru: 'Менять ничего не нужно.' }
const STAYS = { en: 'What stays:', ru: 'Что остаётся:' }
const TO_DO = { en: 'Left to you:', ru: 'Остаётся сделать:' }

/** The findings of each step, and its changes. It ends in a newline. */
export function planText(plan: readonly StepPlan[], language: WrittenLanguage): string {
  const steps = plan.map(({ title, found, changes }) =>
    [
      pc.bold(title[language]),
      ...found.map(one => `  ${one[language]}`),
      ...changes.flatMap(change => changeLines(change, language).map(line => `  ${line}`)),
    ].join('\n'),
  )
  const none = plan.every(({ changes }) => changes.length === 0)
  return `${steps.join('\n')}\n${none ? `${pc.green(NOTHING[language])}\n` : ''}`
}

/** The remaining tasks of a person. Empty without tasks. */
export function todoText(plan: readonly StepPlan[], language: WrittenLanguage): string {
  const todo = [...new Set(plan.flatMap(step => step.todo.map(one => one[language])))]
  return todo.length === 0 ? '' : `${pc.yellow(TO_DO[language])}\n${todo.map(one => `  ${one}\n`).join('')}`
}

/** The things that stay after a removal, with the commands that remove them. Empty if nothing stays. */
export const keptText = (kept: readonly Kept[], language: WrittenLanguage): string =>
  kept.length === 0
    ? ''
    : `${pc.yellow(STAYS[language])}\n${kept.map(one => `  ${one.what[language]}\n    ${one.command}\n`).join('')}`

function changeLines(change: Change, language: WrittenLanguage): string[] {
  switch (change.do) {
    case 'write': {
      const { path, before, after, secrets } = change
      const shown = diffLines(withoutSecrets(before ?? '', secrets), withoutSecrets(after, secrets))
      return [
        pc.bold(`--- ${before === undefined ? '/dev/null' : path}`),
        pc.bold(`+++ ${path}`),
        ...shown.map(paint),
      ]
    }
    case 'remove': {
      const { path, before, secrets } = change
      return [
        pc.bold(`--- ${path}`),
        pc.bold('+++ /dev/null'),
        ...diffLines(withoutSecrets(before, secrets), '').map(paint),
      ]
    }
    case 'run':
      return [pc.cyan(`$ ${change.command.map(quoted).join(' ')}`), pc.dim(`  ${change.why[language]}`)]
    case 'sql':
      return change.statements.map(one => pc.cyan(`sql> ${withoutSecrets(one, change.secrets)};`))
    case 'draw-keys':
      return [
        pc.cyan(`$ consentry keygen ${change.purposes.join(' ')} --dir ${change.folder}`),
        pc.green(`+++ ${change.recipients}`),
      ]
  }
}

const paint = (line: string): string =>
  line.startsWith('+') ? pc.green(line) : line.startsWith('-') ? pc.red(line) : line

const quoted = (word: string): string => (/^[\w./:=@-]+$/.test(word) ? word : `'${word}'`)

/** The plan as a document, without secrets. */
export const planJson = (plan: readonly StepPlan[]) => ({
  changes: plan.reduce((sum, { changes }) => sum + changes.length, 0),
  steps: plan.map(({ title, found, changes, todo }) => ({
    title,
    found,
    todo,
    changes: changes.map(changeJson),
  })),
})

function changeJson(change: Change) {
  if (change.do === 'write' || change.do === 'remove') {
    const { path, before = '', secrets } = change
    const after = change.do === 'write' ? change.after : ''
    const diff = diffLines(withoutSecrets(before, secrets), withoutSecrets(after, secrets))
    return { do: change.do, path, diff }
  }
  if (change.do === 'sql')
    return { do: change.do, statements: change.statements.map(one => withoutSecrets(one, change.secrets)) }
  return change
}
