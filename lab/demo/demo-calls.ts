import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../src/core/errors.js'
import { Caller } from '../caller.js'

/** One call of the demo and its expected answers. */
export interface DemoCall {
  title: string
  number: string
  /** The caller's number. It identifies the call in the journal. */
  from: string
  /** One key for each question. */
  keys: string[]
  /** The caller says yes after the question. */
  saysYes?: boolean
  /** The expected answer to each purpose. */
  answers: Record<string, string>
}

export const demoCalls: DemoCall[] = [
  {
    title: 'A caller says yes (Russian line)',
    number: '100',
    from: '79990000100',
    keys: ['1'],
    answers: { service: 'granted' },
  },
  {
    title: 'A caller says no (English line)',
    number: '101',
    from: '79990000101',
    keys: ['2'],
    answers: { service: 'refused' },
  },
  {
    title: 'A caller says nothing',
    number: '101',
    from: '79990000102',
    keys: [],
    answers: { service: 'silent' },
  },
  {
    title: 'Two purposes: yes to service, no to marketing',
    number: '105',
    from: '79990000105',
    keys: ['1', '2'],
    answers: { service: 'granted', marketing: 'refused' },
  },
  {
    title: 'A caller says yes by voice (English line)',
    number: '103',
    from: '79990000103',
    keys: [],
    saysYes: true,
    answers: { service: 'granted' },
  },
  {
    title: 'A notice-only line: who stays is recorded',
    number: '104',
    from: '79990000104',
    keys: [],
    answers: { service: 'notice' },
  },
  { title: 'A number that is no line', number: '555', from: '79990000555', keys: [], answers: {} },
]

/** The purposes for which a call is recorded. */
export const recordedPurposes = ({ answers }: DemoCall): string[] =>
  Object.keys(answers).filter(purpose => answers[purpose] === 'granted' || answers[purpose] === 'notice')

/** Longest time until the agent is heard, ms. A silent caller hears every prompt to its end. */
const AGENT_LIMIT_MS = 120_000
/** From the first sound to the first key, ms: during the disclosure, as callers who know it do. */
const FIRST_KEY_MS = 1_200
/** From one key to the next, ms. The confirmation takes at most 2.5 s, and the next question must have begun. */
const NEXT_QUESTION_MS = 3_700
/** From the end of the caller's sentence to hanging up, ms. */
const LINGER_MS = 1_000

/** From the end of the question to the spoken answer, ms. */
const THINKING_MS = 500

/** The sentences that caller and agent say. */
export interface Voices {
  caller: Int16Array
  agent: Int16Array
}

/** The prompts and words of a caller who answers by voice. */
export interface SpokenYes {
  question: Int16Array
  yes: Int16Array
}

/**
 * Calls, presses the keys or says yes, waits for the agent, says the caller's sentence and hangs up.
 *
 * @throws AppError `tool.failed` if the agent is not heard
 */
export async function placeDemoCall(
  demoCall: DemoCall,
  sip: string,
  voices: Voices,
  { question, yes }: SpokenYes,
): Promise<void> {
  const caller = await Caller.call({ sip, number: demoCall.number, from: demoCall.from })
  await caller.waitForAnswer()
  await caller.heard.waitForAudio(AGENT_LIMIT_MS)
  for (const [i, key] of demoCall.keys.entries()) {
    await sleep(i === 0 ? FIRST_KEY_MS : NEXT_QUESTION_MS)
    await caller.press(key)
  }
  if (demoCall.saysYes && (await caller.heard.waitForWords(question, AGENT_LIMIT_MS))) {
    await sleep(THINKING_MS)
    await caller.say(yes)
  }
  if (!(await caller.heard.waitForWords(voices.agent, AGENT_LIMIT_MS))) {
    await caller.hangup()
    throw new AppError('tool.failed', `the agent was not heard in the call to ${demoCall.number}`)
  }
  if (recordedPurposes(demoCall).length > 0) {
    await caller.say(voices.caller)
    await sleep(LINGER_MS)
  }
  await caller.hangup()
}
