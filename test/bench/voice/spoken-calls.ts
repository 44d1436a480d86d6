import { setTimeout as sleep } from 'node:timers/promises'
import { Caller } from '../../../lab/caller.js'
import { epochMs } from '../../../lab/time.js'
import { type Database, sql } from '../../../src/db/database.js'
import { msToFirstSound } from '../consent/place-calls.js'
import { findCall } from '../consent/watch-journal.js'

/** The lab's English line that asks by voice or key. */
const NUMBER = '103'
/** Longest time until the first sound, until the question has ended, and until the answer, ms. */
const [FIRST_SOUND_MS, QUESTION_MS, ANSWER_MS] = [10_000, 40_000, 5_000]
/** Intervals at which the journal is read, ms. An answer is looked for at the second, so its time may be too late by that. */
const [POLL_MS, ANSWER_POLL_MS] = [50, 5]

/** A word, and where in it the speech ends, ms. */
export interface SpokenWord {
  samples: Int16Array
  endMs: number
}

/** Times of one call that was answered by voice, epoch ms. */
export interface SpokenCall {
  /** From the answer of the call to its first packet, ms. */
  firstSoundMs: number
  /** From the event that says that the question is asked to its end, less the length of its prompt, ms. */
  questionLateMs: number
  askedAt: number
  wordEndedAt: number
  /** When the journal says that the answer was given, and when another connection saw it. */
  answeredAt: number
  journalledAt: number
  /** From the end of the speech to the decision, as the listener counts by the packets that it gets, ms. */
  decidedAfterMs: number
  answer: string
}

/**
 * Calls, hears the question to its end, and says the word.
 *
 * @param options.thinkingMs pause between the end of the question and the word
 * @throws Error if nothing is asked, or no answer follows
 */
export async function placeSpokenCall(options: {
  sip: string
  from: string
  db: Database
  yes: SpokenWord
  thinkingMs: number
}): Promise<SpokenCall> {
  const { sip, from, db, yes, thinkingMs } = options
  const caller = await Caller.call({ sip, number: NUMBER, from })
  try {
    await caller.waitForAnswer()
    await caller.heard.waitForAudio(FIRST_SOUND_MS)
    const call = await findCall(db, from)
    const ended = `type = 'prompt.ended' and data ->> 'role' = 'question'`
    const question = await waitFor(db, call, ended, POLL_MS, QUESTION_MS)
    await sleep(thinkingMs)
    const begun = epochMs()
    await caller.say(yes.samples)
    const answered = await waitFor(db, call, `type = 'consent.answered'`, ANSWER_POLL_MS, ANSWER_MS)
    const journalledAt = epochMs()
    const asked = await waitFor(db, call, `type = 'consent.asked'`, POLL_MS, ANSWER_MS)
    const answeredAt = caller.answeredAt as number
    return {
      firstSoundMs: msToFirstSound({ answeredAt, packets: caller.heard.packets }),
      questionLateMs: question.at - asked.at - Number(question.length_ms),
      askedAt: asked.at,
      wordEndedAt: begun + yes.endMs,
      answeredAt: answered.at,
      journalledAt,
      decidedAfterMs: Number(answered.decided_ms) - Number(answered.ended_ms),
      answer: answered.answer,
    }
  } finally {
    await caller.hangup()
  }
}

async function waitFor(db: Database, call: string, which: string, pollMs: number, limitMs: number) {
  for (const end = epochMs() + limitMs; epochMs() < end; await sleep(pollMs)) {
    const { rows } = await sql<{
      at: Date
      answer: string
      length_ms: string
      ended_ms: string
      decided_ms: string
    }>`
      select at, data ->> 'answer' as answer, data ->> 'lengthMs' as length_ms, data -> 'voice' ->> 'endedMs' as ended_ms, data -> 'voice' ->> 'decidedMs' as decided_ms
      from event where call_id = ${call} and ${sql.raw(which)}`.execute(db)
    if (rows[0]) return { ...rows[0], at: rows[0].at.getTime() }
  }
  throw new Error(`no event with ${which}`)
}

/** The largest number of questions that were open at the same time. */
export function mostAtOnce(calls: readonly Pick<SpokenCall, 'askedAt' | 'answeredAt'>[]): number {
  const open = (at: number) =>
    calls.filter(({ askedAt, answeredAt }) => askedAt <= at && at < answeredAt).length
  return Math.max(0, ...calls.map(({ askedAt }) => open(askedAt)))
}
