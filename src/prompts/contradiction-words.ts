import type { LinePolicy } from '../core/policy.js'

/** What words ask of callers, by the mode of the line for which they were made. */
const ASKS: Readonly<Record<string, string>> = {
  key: 'asks for a key',
  'voice-or-key': 'asks for a spoken answer',
  notice: 'only gives notice',
}
const LINE_ASKS: Readonly<Record<string, string>> = {
  ...ASKS,
  'voice-or-key': 'takes spoken answers, too',
}
const ENDS: Readonly<Record<string, string>> = {
  destroy: 'a withdrawal destroys the recording',
  keep: 'a withdrawal keeps the recording',
  hangup: 'the call ends after a no',
  served: 'the call goes on after a no',
}
const CONFIRMS: Readonly<Record<string, string>> = { granted: 'a yes', refused: 'a no' }

/**
 * A contradiction between a prompt and its line, as a sentence for people.
 *
 * @param name of the prompt
 * @param path of the setting in the line
 * @param told the prompt's value
 * @param value the line's value
 */
export function contradictionText(
  name: string,
  { path, told, value }: { path: string; told: string | number; value: string | number },
): string {
  const prompt = `the prompt "${name}"`
  if (path === 'mode' && told in ASKS) return `${prompt} ${ASKS[told]}, but this line ${LINE_ASKS[value]}`
  if (path === 'mode') return `${prompt} asks for a key, but this line only gives notice`
  if (path === 'keys.yes' || path === 'keys.no')
    return `${prompt} says key ${told} for ${path.slice(5)}, but this line takes ${value}`
  if (path === 'keys.withdraw') return `${prompt} says ${told} to withdraw, but this line takes ${value}`
  if (path === 'languages')
    return `${prompt} says key ${told} for this language, but this line takes ${value}`
  if (path.endsWith('.retentionDays'))
    return `${prompt} says ${told} days, but this line keeps recordings for ${value}`
  if (told in ENDS) return `${prompt} says that ${ENDS[told]}, but on this line ${ENDS[value]}`
  return `${prompt} confirms ${CONFIRMS[told] ?? told}, but this line has it after ${CONFIRMS[value] ?? value}`
}

/** A prompt that asks for speech on a line by key, or does not on a line by voice. */
export const speechText = (name: string, asks: boolean, mode: LinePolicy['mode']): string =>
  `the prompt "${name}" ${asks ? ASKS['voice-or-key'] : 'does not ask for a spoken answer'}, but this line ${LINE_ASKS[mode]}`

/** A prompt that names another company than its line. */
export const companyText = (name: string, company: string): string =>
  `the prompt "${name}" names another company, but this line has "${company}"`
