import { type Message, messageOf, text } from '../core/message.js'
import {
  HEARD_LANGUAGES,
  isHeard,
  KEPT_ANSWER_PURPOSE,
  keptAnswerOf,
  type LinePolicy,
} from '../core/policy.js'

/** A rule about several fields of a line. */
interface LineRule {
  /** The field that a person must correct. */
  path: readonly string[]
  /** The fault if the rule does not hold. */
  error: Message
  holds(line: Omit<LinePolicy, 'version'>): boolean
}

/** Shortest wait where callers may answer by voice, ms. Many begin to speak only after two seconds. */
const VOICE_WAIT_MS = 3_000

/**
 * The rules about several fields of a line. They are also checked for a line with invalid fields: empty names are no
 * duplicates.
 */
export const LINE_RULES: readonly LineRule[] = [
  {
    path: ['purposes'],
    error: messageOf('a line that records needs a purpose'),
    holds: ({ mode, purposes }) => mode === 'none' || purposes.length > 0,
  },
  {
    path: ['languages'],
    error: messageOf("must include the line's own language"),
    holds: ({ language, languages = [] }) =>
      languages.length === 0 || languages.some(one => one.language === language),
  },
  {
    path: ['purposes'],
    error: messageOf('a purpose stands twice'),
    holds: ({ purposes }) => {
      const names = purposes.map(({ purpose }) => purpose).filter(Boolean)
      return new Set(names).size === names.length
    },
  },
  {
    path: ['keys'],
    error: messageOf('yes, no, withdraw and pause must differ'),
    holds: ({ keys }) => new Set(Object.values(keys)).size === 4,
  },
  {
    path: ['askKeys'],
    error: messageOf('must differ from the keys of a pause, and neither may begin with the other'),
    holds: ({ keys, askKeys = '' }) =>
      askKeys === '' || !(keys.pause.startsWith(askKeys) || askKeys.startsWith(keys.pause)),
  },
  {
    path: ['voice', 'engine'],
    error: messageOf('must name the engine that hears the answers, because the mode is voice-or-key'),
    holds: ({ mode, voice }) => mode !== 'voice-or-key' || voice !== undefined,
  },
  {
    path: ['voice', 'experimental'],
    error: messageOf(
      'must be true for the engine "embedded": it was measured on too few people to be proven',
    ),
    holds: ({ mode, voice }) => mode !== 'voice-or-key' || voice?.engine !== 'embedded' || voice.experimental,
  },
  {
    path: ['mode'],
    error: text`can be "voice-or-key" only in the languages ${HEARD_LANGUAGES.join(' and ')}: in others, callers answer by key`,
    holds: ({ mode, language, languages = [] }) =>
      mode !== 'voice-or-key' || [language, ...languages.map(one => one.language)].every(isHeard),
  },
  {
    path: ['waitMs'],
    error: text`must be at least ${{ ms: VOICE_WAIT_MS }} where callers answer by voice`,
    holds: ({ mode, waitMs }) => mode !== 'voice-or-key' || waitMs >= VOICE_WAIT_MS,
  },
  {
    path: ['voice', 'keepAnswer'],
    error: text`cannot be used where a purpose is called "${KEPT_ANSWER_PURPOSE}": kept answers are recordings of that purpose`,
    holds: line =>
      !keptAnswerOf(line) || line.purposes.every(({ purpose }) => purpose !== KEPT_ANSWER_PURPOSE),
  },
]
