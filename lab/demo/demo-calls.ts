import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../src/shared/errors.js'
import { Caller } from '../caller.js'

/** One caller of the demo. */
export interface DemoCall {
  title: string
  number: string
  /** The caller's own number, by which the call is found again. */
  from: string
  /** Keys, one an answer. */
  keys: string[]
  /** What must come of it: the answer to each purpose. */
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
    title: 'A notice-only line: who stays is recorded',
    number: '104',
    from: '79990000104',
    keys: [],
    answers: { service: 'notice' },
  },
  { title: 'A number that is no line', number: '555', from: '79990000555', keys: [], answers: {} },
]

/** The purposes for which a scene is recorded. */
export const recordedPurposes = ({ answers }: DemoCall): string[] =>
  Object.keys(answers).filter(purpose => answers[purpose] === 'granted' || answers[purpose] === 'notice')

/** How long a caller waits for the agent, ms: the silent one hears every prompt to its end. */
const AGENT_LIMIT_MS = 120_000
/** How long a caller listens before the first key, ms: it cuts the disclosure short, as callers who know it do. */
const FIRST_KEY_MS = 1_200
/** From one key to the next, ms: the confirmation (at most 2.5 s) and the beginning of the next question. */
const NEXT_QUESTION_MS = 3_700
/** How long a caller stays on after the own sentence, ms. */
const LINGER_MS = 1_000

/** What both sides of the demo say. */
export interface Voices {
  caller: Int16Array
  agent: Int16Array
}

/**
 * Plays one scene: calls, presses the keys, waits for the agent, says the caller's sentence and hangs up.
 * @throws AppError `tool.failed` when the agent is never heard
 */
export async function placeDemoCall(demoCall: DemoCall, sip: string, voices: Voices): Promise<void> {
  const caller = await Caller.call({ sip, number: demoCall.number, from: demoCall.from })
  await caller.waitForAnswer()
  await caller.heard.waitForAudio(AGENT_LIMIT_MS)
  for (const [i, key] of demoCall.keys.entries()) {
    await sleep(i === 0 ? FIRST_KEY_MS : NEXT_QUESTION_MS)
    await caller.press(key)
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
