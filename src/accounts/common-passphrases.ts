import { dictionary } from '@zxcvbn-ts/language-common'

/** 49,000 passwords found most often in leaks, in lower case. Some 300 of them have 12 characters or more. */
const LEAKED: readonly string[] = dictionary['passwords-common'].map(one => one.toLowerCase())

/** Words that belong to the product and its people, which an attacker tries here first (OWASP ASVS 5.0, 6.1.2). */
const OWN: readonly string[] = [
  ...[
    'consentry',
    'asterisk',
    'console',
    'recording',
    'consent',
    'passphrase',
    'callcenter',
    'contactcenter',
  ],
  ...['administrator', 'supervisor', 'auditor', 'privacyofficer', 'privacy-officer', 'operator'],
]

const COMMON: ReadonlySet<string> = new Set([...LEAKED, ...OWN])

/** The longest unit of which a repetition counts as common, characters. */
const LONGEST_UNIT = 6
/** The shortest common password that counts as a half, characters. Two letters occur in every sentence. */
const SHORTEST_HALF = 3

/**
 * Whether a passphrase is among the first that an attacker tries: a common password or a word of the product, two of them joined (`qwerty123456`), or
 * one of them or a few characters repeated. So more than the 3,000 most common passwords of an allowed length are covered, as
 * OWASP ASVS 5.0 (6.2.4) asks.
 *
 * @param normal the passphrase in NFKC
 */
export function isCommon(normal: string): boolean {
  const text = normal.toLowerCase()
  return COMMON.has(text) || isRepeated(text) || isTwoCommon(text)
}

function isRepeated(text: string): boolean {
  for (let length = 1; length <= text.length / 2; length += 1) {
    const unit = text.slice(0, length)
    if (unit.repeat(Math.ceil(text.length / length)).slice(0, text.length) !== text) continue
    if (length <= LONGEST_UNIT || COMMON.has(unit)) return true
  }
  return false
}

function isTwoCommon(text: string): boolean {
  for (let at = SHORTEST_HALF; at <= text.length - SHORTEST_HALF; at += 1)
    if (COMMON.has(text.slice(0, at)) && COMMON.has(text.slice(at))) return true
  return false
}
