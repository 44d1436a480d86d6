import { setTimeout as sleep } from 'node:timers/promises'
import { tone } from '../../../lab/audio/signals.js'
import type { ReceivedAudio } from '../../../lab/media/received-audio.js'
import type { AnsweredCall, Phone } from '../../../lab/phone.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import type { CallLab } from '../lab/call-lab.js'
import { press, pressInDisclosure } from '../lab/caller-actions.js'
import { PlacedCall } from '../lab/placed-call.js'
import { waitForTone } from '../lab/tones-heard.js'
import type { Said, Speaker } from './said.js'

/** How long anything may take, ms: on a busy machine a caller hears every prompt. */
export const LIMIT = 60_000
/**
 * Time between what may be recorded and a pause or a move, ms. A pause is a quarter of a second longer at either end, and on a busy machine,
 * where packets come late, the place of a moment in the audio is known less well. A move may restart the tap.
 */
const APART_MS = 1_000
/** What is said to find out whether two are connected: tone, Hz, and length of a piece, ms. */
const HELLO = { hz: 2_930, ms: 300 }

/** What is said just before a call ends, Asterisk may not write. This is longer, ms. */
export const END_MS = 300

/** A caller hangs up, some time after the last word. @returns the call, when all its events are in the journal */
export async function finish(placed: PlacedCall): Promise<CallTimeline> {
  await sleep(END_MS)
  return placed.finish()
}

/** Lets time pass between what may be recorded and a pause or a move. */
export const stayApart = (): Promise<void> => sleep(APART_MS)

/** Dials, and answers the question by a key in the disclosure; `hear` waits until the notice is over. */
export async function dial(lab: CallLab, number: string, how: '1' | '2' | 'hear' = '1'): Promise<PlacedCall> {
  const placed = await PlacedCall.place(lab, { number })
  await placed.caller.waitForAnswer(LIMIT)
  if (how !== 'hear') await pressInDisclosure(how)(placed)
  await placed.waitForEvent('call.released')
  return placed
}

/** A phone of the company answers. @param sequence of its first RTP packet; random by default */
export const pickUp = async (phone: Phone, sequence?: number): Promise<AnsweredCall> =>
  phone.answer(await phone.waitForRing(LIMIT), sequence)

/** The same, and waits until the caller hears it. */
export async function talkTo({ caller }: PlacedCall, phone: Phone, sequence?: number): Promise<AnsweredCall> {
  const agent = await pickUp(phone, sequence)
  await waitUntilConnected(agent, caller)
  return agent
}

/**
 * Rings a phone of the company, and connects it with an application or an extension of the dialplan.
 *
 * @param sequence of its first RTP packet; random by default
 */
export async function connect(
  { lab }: CallLab,
  phone: Phone,
  to: string,
  sequence?: number,
): Promise<AnsweredCall> {
  await lab.pbx.cli(`channel originate ${phone.agentEndpoint} ${to}`)
  return pickUp(phone, sequence)
}

/** A phone of the company has the PBX transfer the caller. @throws Error if the PBX does not take it */
export async function refer(agent: AnsweredCall, target: string): Promise<void> {
  const status = await agent.refer(target)
  if (status !== 202) throw new Error(`the PBX answers ${status} to REFER`)
}

/** Waits until one is heard by the other, and a tap that this restarts runs again. */
export async function waitUntilConnected(
  speaker: Speaker,
  listener: { heard: ReceivedAudio },
): Promise<void> {
  let isHeard = false
  const heard = waitForTone(listener, HELLO.hz, LIMIT).finally(() => (isHeard = true))
  const speaking = (async () => {
    while (!isHeard) await speaker.say(tone([HELLO.hz], HELLO.ms))
  })()
  await Promise.all([heard, speaking])
  await stayApart()
}

/** How long a transfer may take until the keys for it are pressed again, ms, and how often they are. */
const [AGAIN_MS, TIMES] = [12_000, 4]

/**
 * An agent transfers by keys: those of the feature, then the number. On a busy machine the PBX may take the keys of the feature for single
 * ones, so they are pressed again until it has happened, as a person would.
 *
 * @param happened waits for it so long, ms, and rejects then
 */
export async function transferTo<T>(
  agent: AnsweredCall,
  feature: string,
  number: string,
  happened: (limit: number) => Promise<T>,
): Promise<T> {
  for (let time = 1; ; time++) {
    await press(agent, feature)
    await sleep(1_500)
    await press(agent, number)
    try {
      return await happened(AGAIN_MS)
    } catch (error) {
      if (time === TIMES) throw error
    }
  }
}

/** The caller says a card number between two presses of the agent's pause keys. */
export async function sayCard(
  said: Said,
  { caller }: { caller: Speaker },
  agent: AnsweredCall,
): Promise<void> {
  await stayApart()
  await press(agent, '*7')
  await sleep(300)
  await said.by(caller, 'card')
  await sleep(300)
  await press(agent, '*7')
  await stayApart()
}
