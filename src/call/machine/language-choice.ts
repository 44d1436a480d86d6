import type { LanguageHow } from '../../core/events.js'
import type { Language, LinePolicy } from '../../core/policy.js'
import type { CallState, Fact, Order, Transition } from './call-states.js'
import { rememberKey } from './withdrawal.js'

/*
 * A line may offer its callers a choice of language by key. They hear one short prompt in each language, and then the
 * disclosure in the chosen one. Keys count at once here, even where the line lets other prompts play in full, because
 * they are not consent.
 */

/** The prompt that names the key of its own language. Each language has one. */
export const CHOICE_PROMPT = 'choose-language'

/** Time for a key after the last of these prompts, ms. A caller without a choice then hears the line's own language. */
const CHOICE_WAIT_MS = 2_500

const offered = ({ languages = [] }: LinePolicy) => languages

/** A line in the chosen language. A language that the line does not offer changes nothing. */
export const inLanguage = (policy: LinePolicy, chosen: Language | null): LinePolicy =>
  chosen !== null && offered(policy).some(({ language }) => language === chosen)
    ? { ...policy, language: chosen }
    : policy

/**
 * Whether the caller must choose before the disclosure. A choice of an earlier visit stands if the line offers that
 * language.
 */
export const mustChoose = ({ policy, chosen }: Pick<CallState, 'policy' | 'chosen'>): boolean =>
  offered(policy).length > 0 && !offered(policy).some(({ language }) => language === chosen)

/** Offers one language. @param place of the language in the line's list */
export function offerLanguage(s: CallState, place: number): Transition {
  const { language } = offered(s.policy)[place]!
  const offer: Order = { order: 'offer-language', language, prompt: CHOICE_PROMPT }
  return { state: { ...s, step: 'choosing', offer: place }, orders: [offer] }
}

/** One language was offered. The next offer follows, or the wait for a key. */
export const offerHeard = (s: CallState): Transition =>
  s.offer + 1 < offered(s.policy).length
    ? offerLanguage(s, s.offer + 1)
    : { state: s, orders: [{ order: 'wait', ms: CHOICE_WAIT_MS }] }

/** No key came: the line's own language counts. */
export const choiceBySilence = (s: CallState): Transition => disclose(s, s.policy.language, 'silence')

/**
 * A key chooses a language. Any other key chooses the line's own. A key that may begin a withdrawal or an objection
 * chooses nothing.
 */
export function choiceByKey(state: CallState, key: Extract<Fact, { fact: 'key' }>): Transition {
  const s = rememberKey(state, key)
  if (s.typed.digits !== '') return { state: s, orders: [] }
  const found = offered(s.policy).find(one => one.key === key.digit)
  const { state: after, orders } = found
    ? disclose(s, found.language, 'key')
    : disclose(s, s.policy.language, 'other-key')
  return { state: after, orders: [{ order: 'stop-prompt' }, { order: 'stop-waiting' }, ...orders] }
}

function disclose(s: CallState, language: Language, how: LanguageHow): Transition {
  const policy = inLanguage(s.policy, language)
  return {
    state: { ...s, policy, chosen: language, step: 'disclosing' },
    orders: [
      { order: 'note-language', language, how },
      { order: 'disclose', prompt: policy.disclosure },
    ],
  }
}
