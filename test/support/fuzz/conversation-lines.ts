// Fake: the lines and the prompts of a model PBX.

import type { LinePolicy, PurposePolicy } from '../../../src/core/policy.js'
import type { PromptBook } from '../../../src/core/ports.js'
import { unknownLine } from '../../../src/lines/unknown-line.js'
import { keyLine, twoPurposes } from '../data/policies.js'

/** Whoever says nothing is waited for until a whole second. */
const line: LinePolicy = { ...keyLine, waitMs: 2_000, retries: 0 }
const { purposes } = twoPurposes
const [service] = keyLine.purposes as [PurposePolicy]
const telling = (changes: Partial<PurposePolicy>) => ({ purposes: [{ ...service, ...changes }] })

/**
 * What a caller can reach. Most tell the same in the same words; one has a shorter term, one another basis, one other words. Each line that has
 * outsiders asked tells them so in words that no other line has.
 */
const LINES: readonly LinePolicy[] = [
  { ...line, number: '100', onOutsider: 'own-side' },
  { ...line, number: '101', purposes, onOutsider: 'ask', outsiderDisclosure: 'disclosure-joined' },
  { ...line, number: '102', onHold: 'pause', onWithdraw: 'keep' },
  { ...line, number: '103', onOutsider: 'own-side', onHold: 'pause', ...telling({ retentionDays: 7 }) },
  { ...line, number: '104', mode: 'notice' },
  { ...line, number: '105', ...telling({ legalBasis: 'contract' }) },
  {
    ...line,
    number: '106',
    disclosure: 'disclosure-other',
    onOutsider: 'ask',
    outsiderDisclosure: 'disclosure-joined-other',
  },
  { ...line, number: '109', mode: 'none', purposes: [] },
]
/** What is dialled, by how often. The last one is no line. */
export const NUMBERS = ['100', '100', '101', '101', '102', '103', '104', '105', '106', '106', '109', '999']

const byNumber = new Map(LINES.map(one => [one.number, one]))
const unknown = new Map<string, LinePolicy>()

export const findLine = (number: string): LinePolicy | undefined => byNumber.get(number)

/** The line of a number, or what applies to a number that is no line. */
export function lineOf(number: string): LinePolicy {
  const known = byNumber.get(number) ?? unknown.get(number)
  if (known) return known
  const none = unknownLine(number)
  unknown.set(number, none)
  return none
}

/** The line that tells outsiders so in these words. */
export const lineTellingOutsiders = (prompt: string): LinePolicy | undefined =>
  LINES.find(({ outsiderDisclosure }) => outsiderDisclosure === prompt)

const books = new Map<number, PromptBook>()

/** Prompts of one version that last no time. The sound says which prompt it is, in which version. */
export function promptsOf(version: number): PromptBook {
  const known = books.get(version)
  if (known) return known
  const book: PromptBook = {
    find: (_, name) => ({
      ...{ name, version, media: `${name}@${version}`, lengthMs: 0, sha256: '00', text: name },
    }),
    ready: async (language, name) => book.find(language, name)!,
  }
  books.set(version, book)
  return book
}
