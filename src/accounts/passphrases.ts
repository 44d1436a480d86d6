import { hash, verify } from '@node-rs/argon2'
import { dictionary } from '@zxcvbn-ts/language-common'
import { AppError } from '../core/errors.js'
import { text } from '../core/message.js'
import { Lane } from '../lib/lane.js'

/** Fewest and most characters of a passphrase. A longer text would only cost time. */
const LENGTH = { least: 12, most: 256 }

/** `Algorithm.Argon2id` of the library, whose enum exists only in its types. */
const ARGON2ID = 2

/** The cost of a hash: memory, KiB; passes over it; lanes. */
export interface HashCost {
  readonly memoryCost: number
  readonly timeCost: number
  readonly parallelism: number
}

/** argon2id with 64 MiB, three passes and one lane: the second recommendation of RFC 9106 section 4, for little memory. */
const COST: HashCost = { memoryCost: 65_536, timeCost: 3, parallelism: 1 }

/** Hashes at once. Each takes 64 MiB and a processor for some 0.2 s. */
const AT_ONCE = 2
/** Hashes that may wait. With 0.2 s each and two at once, the last one waits 2 s. */
const WAITING = 20

const lane = new Lane(AT_ONCE, WAITING)
let computed = 0

/** How many hashes this process has computed. */
export const hashesComputed = (): number => computed

/** The passphrase as it is hashed. NFKC makes it the same text on every keyboard (RFC 8265 section 4.2 advises it). */
const normalOf = (passphrase: string): string => passphrase.normalize('NFKC')

/**
 * Checks a new passphrase.
 *
 * @param name the user's name, which the passphrase must not be
 * @throws AppError `request.invalid`
 */
export function checkPassphrase(passphrase: string, name: string): void {
  const normal = normalOf(passphrase)
  const { length } = [...normal]
  if (length < LENGTH.least || length > LENGTH.most)
    throw new AppError(
      'request.invalid',
      text`A passphrase has ${LENGTH.least} to ${LENGTH.most} characters: four words that do not belong together are good.`,
    )
  if (isName(normal, name))
    throw new AppError('request.invalid', 'The passphrase is the name: choose another one.')
  if (isCommon(normal))
    throw new AppError('request.invalid', 'This passphrase is tried first by attackers: choose another one.')
}

/** True if the text is the name, once or repeated. */
const isName = (normal: string, name: string): boolean => normal.toLowerCase().replaceAll(name, '') === ''

/**
 * Hashes a passphrase.
 *
 * @param cost by default the cost for passphrases that people choose
 * @returns a PHC string, which states the cost
 * @throws AppError `sign-in.busy` if too many wait
 */
export const hashPassphrase = (passphrase: string, cost = COST): Promise<string> =>
  compute(() => hash(normalOf(passphrase), { algorithm: ARGON2ID, ...cost }))

/**
 * Verifies a passphrase. Without a hash it verifies against a dummy hash, so that the work is the same.
 *
 * @param phc of the user; undefined if there is no such user, or the user may not sign in by passphrase
 * @throws AppError `sign-in.busy` if too many wait
 */
export async function verifyPassphrase(phc: string | undefined, passphrase: string): Promise<boolean> {
  const same = await compute(() => verify(phc ?? UNKNOWN_USER, normalOf(passphrase)))
  return phc !== undefined && same
}

/** A dummy hash of the same cost. It matches no known passphrase. */
const UNKNOWN_USER =
  '$argon2id$v=19$m=65536,t=3,p=1$Q29uc2VudHJ5IG5vYm9keQ$Q29uc2VudHJ5LCB0aGUgaGFzaCBvZiBub2JvZHkuLi4'

async function compute<T>(work: () => Promise<T>): Promise<T> {
  if (lane.full)
    throw new AppError(
      'sign-in.busy',
      'Too many people sign in at this moment: try again in a few seconds.',
      {
        retryable: true,
      },
    )
  return lane.run(() => {
    computed += 1
    return work()
  })
}

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
function isCommon(normal: string): boolean {
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
