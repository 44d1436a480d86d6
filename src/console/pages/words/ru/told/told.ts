import { toldRequest } from '../../told-faults.js'
import { CONSOLE } from './console.js'
import { faultWords } from './faults.js'
import type { Told } from './form.js'
import { LINES } from './lines.js'
import { PEOPLE } from './people.js'
import { PROMPTS } from './prompts.js'
import { SETUP } from './setup.js'

/**
 * Messages of refusals by deeds and the console, each in Russian. The key of a message is the original, with `{}`
 * for each value in it. A test compares these with the sources.
 */
export const TOLD: Readonly<Record<string, Told>> = { ...CONSOLE, ...PEOPLE, ...LINES, ...PROMPTS, ...SETUP }

/** The messages as patterns. Those with the most fixed words come first, because a value may be any text. */
const forms: readonly [RegExp, Told][] = Object.entries(TOLD)
  .sort(([a], [b]) => b.length - a.length)
  .map(([sentence, told]) => [formOf(sentence), told])

function formOf(sentence: string): RegExp {
  const fixed = sentence.split('{}').map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${fixed.join('([\\s\\S]*)')}$`)
}

/** Translates a refusal's message into Russian. Without a translation, the original is shown. */
export function told(message: string): string {
  for (const [form, words] of forms) {
    const values = form.exec(message)?.slice(1)
    if (!values) continue
    if (typeof words === 'function') return words(...values)
    return words.replaceAll(/\{(\d)\}/g, (_, place) => values[Number(place) - 1] ?? '')
  }
  return /^(\/|the whole )/.test(message) ? toldRequest(message, faultWords) : message
}
