import { setTimeout as sleep } from 'node:timers/promises'
import { encodeG711 } from '../../../lab/audio/g711.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import type { CallLab } from '../../support/lab/call-lab.js'
import { finish } from '../../support/situations/company.js'
import type { Stage } from '../../support/situations/stages.js'
import { numbersIn } from '../capacity/numbered-packets.js'
import { courseOf, type Effect, effectsOf, type KeyKind, type Pressed } from './effects.js'
import { NumberedTalk } from './numbered-talk.js'

/** How often an agent pauses and resumes in one call. */
const PAUSES = 4
/** Between two presses, ms. It varies, so that they meet the blocks and packets of Asterisk at any phase. */
const [TALK_MS, PAUSE_MS, STEP_MS, STEPS] = [2_200, 1_700, 137, 7]

/** What was measured in one call. */
export interface Measured {
  effects: Effect[]
  /** Where the time of each slow key went. */
  slow: string[]
}

/**
 * Brings a call to a stage. The caller speaks without pause, the agent pauses and resumes several times, and the caller withdraws. Then the
 * recording is opened.
 *
 * @param turn how many calls were measured before
 * @param slowMs a key that takes longer is slow
 * @returns what the journal has, if a key of the agent had no effect
 * @throws Error if the recording has nothing of a stretch between two keys
 */
export async function measureStage(
  lab: CallLab,
  stage: Stage,
  speech: Int16Array,
  turn: number,
  slowMs: number,
): Promise<Measured | string> {
  const { placed, agent, other } = await stage(lab)
  const { caller } = placed
  const pressed: Pressed[] = []
  const talk = new NumberedTalk(caller, speech)
  const wait = (ms: number) => sleep(ms + ((turn * PAUSES + pressed.length) % STEPS) * STEP_MS)
  const pressPause = async (key: KeyKind) => {
    await agent.press('*')
    pressed.push({ key, at: await agent.press('7') })
  }
  talk.start()
  for (let i = 0; i < PAUSES; i++) {
    await wait(TALK_MS)
    await pressPause('paused')
    await wait(PAUSE_MS)
    await pressPause('resumed')
  }
  await wait(TALK_MS)
  // One phone sends keys and speech in turn.
  await talk.stop()
  await caller.press('*')
  pressed.push({ key: 'withdrawn', at: await caller.press('9') })
  talk.start()
  await wait(TALK_MS)
  await talk.stop()
  const call = await finish(placed)
  await Promise.all([agent.hangup(), other?.hangup()])
  const switched = call.events.filter(
    ({ type, by }) => /^recording\.(paused|resumed)$/.test(type) && by === 'agent',
  )
  if (switched.length !== 2 * PAUSES) return timesOf(call, pressed)
  const recorded = await lab.open(call.recordings[0]!.id)
  const effects = effectsOf(pressed, numbersIn(encodeG711(recorded.caller, 'alaw')), talk.sentAt)
  const late = [...caller.late, ...agent.late]
  const slow = effects.filter(({ ms }) => ms > slowMs).map(one => courseOf(one, call.events, late))
  return { effects, slow }
}

/** What the journal has, and when each key was pressed, in turn. */
function timesOf({ events }: CallTimeline, pressed: readonly Pressed[]): string {
  const seen = events.map(({ at, type, by }) => `${at} ${type}${by ? ` ${by}` : ''}`)
  const keys = pressed.map(({ key, at }) => `${new Date(at).toISOString()} key: ${key}`)
  return [...seen, ...keys].sort().join('\n')
}
