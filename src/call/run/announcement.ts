import type { AnnouncedPrompt, AnnouncedWords } from '../../core/announcement.js'
import type { LinePolicy, PurposePolicy } from '../../core/policy.js'
import type { Announcement, CallState, PurposeAnswer } from '../machine/call-states.js'

/* What is announced about a purpose, and whether a yes to it covers the announcement of another line. */

/**
 * A line's announcement of one of its purposes.
 * @param prompts those of the call; without them, its words are not known
 */
export const announcementOf = (
  line: Pick<LinePolicy, 'mode' | 'language' | 'disclosure'>,
  purpose: PurposePolicy,
  prompts: CallState['prompts'],
): Announcement => ({
  ...{ basis: purpose.legalBasis, days: purpose.retentionDays, asked: line.mode !== 'notice' },
  ...(prompts && { words: wordsOf(line, purpose, prompts) }),
})

function wordsOf(
  { mode, language, disclosure }: Pick<LinePolicy, 'mode' | 'language' | 'disclosure'>,
  { prompts: { question } }: PurposePolicy,
  prompts: NonNullable<CallState['prompts']>,
): AnnouncedWords {
  const named = (prompt: string): AnnouncedPrompt => ({
    prompt,
    version: prompts.find(language, prompt)?.version ?? 0,
  })
  return { language, disclosure: named(disclosure), ...(mode !== 'notice' && { question: named(question) }) }
}

/**
 * Whether a yes to one announcement covers another: the same basis, no longer term, a question where one is wanted, and
 * the same words.
 */
export const covers = (given: Announcement, wanted: Announcement): boolean =>
  given.basis === wanted.basis &&
  given.days >= wanted.days &&
  (given.asked || !wanted.asked) &&
  (!given.words || !wanted.words || areSame(given.words, wanted.words))

/**
 * Whether a yes holds on a line: the line does not have the purpose, or the yes covers its announcement. No yes holds
 * on a line that records nothing.
 *
 * @param prompts those of the call; without them, the line's words are not known
 */
export function holdsOn(
  line: LinePolicy,
  { purpose, announced }: Pick<PurposeAnswer, 'purpose' | 'announced'>,
  prompts: CallState['prompts'],
): boolean {
  if (line.mode === 'none') return false
  const asking = line.purposes.find(one => one.purpose === purpose)
  return !asking || covers(announced, announcementOf(line, asking, prompts))
}

/**
 * Whether words are the same prompts of the same version. Their language makes no difference. Versions are counted
 * separately in each language, so those of two languages are not compared. A notice has no question.
 */
function areSame(given: AnnouncedWords, wanted: AnnouncedWords): boolean {
  const isSame = (one: AnnouncedPrompt | undefined, other: AnnouncedPrompt) =>
    one?.prompt === other.prompt && (given.language !== wanted.language || one.version === other.version)
  return (
    isSame(given.disclosure, wanted.disclosure) &&
    (!wanted.question || isSame(given.question, wanted.question))
  )
}

/**
 * The announced words for the journal, if each of these answers is a yes or a notice.
 * @param pending answers that are being committed
 */
export const announcedWords = (
  pending: readonly PurposeAnswer[],
): { announced?: readonly AnnouncedWords[] } => {
  const isYes = ({ answer }: PurposeAnswer) => answer === 'granted' || answer === 'notice'
  const announced = pending.flatMap(one => (isYes(one) && one.announced.words ? one.announced.words : []))
  return announced.length > 0 && announced.length === pending.length ? { announced } : {}
}
