import type { WrittenLanguage } from '../core/policy.js'
import { type Request, text, UsageError } from './command.js'

/** Variables that name the language of messages, the strongest first (locale(7)). */
const VARIABLES = ['LC_ALL', 'LC_MESSAGES', 'LANG']

/** The language of a verb's output: from `--lang`, or else from the user's environment. @throws UsageError */
export function commandLanguage(request: Request): WrittenLanguage {
  const asked = text(request, 'lang')
  if (asked === 'ru' || asked === 'en') return asked
  if (asked !== undefined) throw new UsageError('--lang is ru or en')
  const locale = VARIABLES.map(name => process.env[name]).find(Boolean)
  return locale?.startsWith('ru') ? 'ru' : 'en'
}
