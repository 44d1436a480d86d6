import { setTimeout as sleep } from 'node:timers/promises'
import { encodeG711 } from '../../../lab/audio/g711.js'
import { PACKET_MS } from '../../../lab/media/rtp.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import type { CallLab } from '../../support/lab/call-lab.js'
import { finish } from '../../support/situations/company.js'
import type { Stage } from '../../support/situations/stages.js'
import { numbersIn } from '../capacity/numbered-packets.js'
import { NumberedTalk } from './numbered-talk.js'

/** How often an agent pauses and resumes in one call. */
const PAUSES = 4
/** Between two presses, ms. It varies, so that they meet the blocks and packets of Asterisk at any phase. */
const [TALK_MS, PAUSE_MS, STEP_MS, STEPS] = [2_200, 1_700, 137, 7]

/** How long after a key its effect came, ms: negative if audio from before the key is left out as well. */
export interface Effects {
  /** From the keys of a pause to the end of the last packet before it that is recorded. */
  paused: number[]
  /** From the keys that end it to the first packet after it that is recorded. */
  resumed: number[]
  /** From the keys of a withdrawal to the end of the last packet that is recorded. */
  withdrawn: number[]
}

/** When a key was released, epoch ms. */
type Pressed = { key: keyof Effects; at: number }

/**
 * Brings a call to a stage. The caller speaks without pause, the agent pauses and resumes several times, and the caller withdraws. Then the
 * recording is opened.
 *
 * @param turn how many calls were measured before
 * @returns what the journal has, if a key of the agent had no effect
 * @throws Error if the recording has nothing of a stretch between two keys
 */
export async function measureStage(
  lab: CallLab,
  stage: Stage,
  speech: Int16Array,
  turn: number,
): Promise<Effects | string> {
  const { placed, agent, other } = await stage(lab)
  const { caller } = placed
  const pressed: Pressed[] = []
  const talk = new NumberedTalk(caller, speech)
  const wait = (ms: number) => sleep(ms + ((turn * PAUSES + pressed.length) % STEPS) * STEP_MS)
  const pressPause = async (key: keyof Effects) => {
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
  return effectsOf(pressed, numbersIn(encodeG711(recorded.caller, 'alaw')), talk.sentAt)
}

/** What the journal has, and when each key was pressed, in turn. */
function timesOf({ events }: CallTimeline, pressed: readonly Pressed[]): string {
  const seen = events.map(({ at, type, by }) => `${at} ${type}${by ? ` ${by}` : ''}`)
  const keys = pressed.map(({ key, at }) => `${new Date(at).toISOString()} key: ${key}`)
  return [...seen, ...keys].sort().join('\n')
}

/**
 * When each key had its effect.
 *
 * @param numbers of the packets that are recorded
 * @param sentAt when each packet was sent, epoch ms
 */
export function effectsOf(
  pressed: readonly Pressed[],
  numbers: readonly number[],
  sentAt: readonly number[],
): Effects {
  const kept = numbers.map(number => sentAt[number]!).sort((a, b) => a - b)
  const effects: Effects = { paused: [], resumed: [], withdrawn: [] }
  for (const [i, { key, at }] of pressed.entries()) {
    // Half-way to the keys before and after it, the effect has come in any case.
    const from = (at + (pressed[i - 1]?.at ?? Number.NEGATIVE_INFINITY)) / 2
    const to = (at + (pressed[i + 1]?.at ?? Number.POSITIVE_INFINITY)) / 2
    const around = kept.filter(sent => sent > from && sent < to)
    const edge = key === 'resumed' ? around[0] : around.at(-1)
    if (edge === undefined) throw new Error(`nothing is recorded around the key ${i + 1} of the call`)
    effects[key].push(edge - at + (key === 'resumed' ? 0 : PACKET_MS))
  }
  return effects
}
