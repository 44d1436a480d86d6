import { setTimeout as sleep } from 'node:timers/promises'
import { toneDbfs } from '../../../lab/audio/levels.js'
import type { ReceivedAudio } from '../../../lab/media/received-audio.js'
import type { Phone } from '../../../lab/phone.js'
import { SAMPLE_RATE } from '../../../src/core/audio.js'
import type { EventType } from '../../../src/core/events.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import { CallInJournal } from '../lab/call-in-journal.js'
import type { CallLab } from '../lab/call-lab.js'
import { PlacedCall } from '../lab/placed-call.js'
import { LIMIT, pickUp } from './company.js'

/** The tone that an agent hears whose customer is being asked, and the busy tone of one whose customer has gone, Hz. */
const AGENT_HZ = 425
/** A tone counts as heard above this level, dBFS. Those of people have −20. */
const HEARD_DBFS = -40
/** In pieces of this length a tone is searched for, ms. */
const PIECE_MS = 50
/** How much of the end of a call is measured, ms: less than the busy tone takes. */
const END_MS = 2_000

type Hearer = { heard: ReceivedAudio }

/** One sounding of a tone: when it begins, from the first sample, and how long it is, ms. */
export interface Sounding {
  from: number
  ms: number
}

/** By which option `Dial` has a customer asked. */
export type Way = 'G' | 'U'

/** What an agent dials who calls a customer on a line. @param phone the customer's */
export function dialCustomer(phone: Phone, line: string, customer: string, way: Way = 'G'): string {
  const asks = way === 'G' ? `^${line}_${customer}^1` : `^${line}^${customer}`
  return `Dial(${phone.endpoint},30,${way}(consentry-outbound${asks}))\n same => n,Hangup()`
}

/**
 * Waits until the journal has an event of this type of a customer's call, for which `fits` is true.
 *
 * @returns all of that call
 */
export async function journalled(
  lab: CallLab,
  customer: string,
  type: EventType,
  fits: (event: CallTimeline['events'][number]) => boolean = () => true,
): Promise<CallTimeline> {
  const has = (call: CallTimeline) => call.events.some(event => event.type === type && fits(event))
  const call = new CallInJournal(lab, { caller: customer })
  const found = await call.waitFor(read => (has(read) ? read : undefined), LIMIT)
  if (found) return found
  throw new Error(`the journal has no ${type}`)
}

/** An agent dials. The customer answers. @param phone the customer's @param number what the agent dials */
export async function reach(lab: CallLab, phone: Phone, number: string, customer: string) {
  const agent = await PlacedCall.place(lab, { number }, { caller: customer })
  return { agent, answered: await pickUp(phone) }
}

/** Each sounding of the agent's tone. @param from of what arrived since then, epoch ms */
export function soundings({ heard }: Hearer, from?: number): Sounding[] {
  const samples = heard.samples(from)
  const size = (SAMPLE_RATE * PIECE_MS) / 1_000
  const found: Sounding[] = []
  for (let at = 0; at + size <= samples.length; at += size) {
    if (toneDbfs(samples.subarray(at, at + size), AGENT_HZ) < HEARD_DBFS) continue
    const begins = (at * 1_000) / SAMPLE_RATE
    const last = found.at(-1)
    if (last && last.from + last.ms === begins) last.ms += PIECE_MS
    else found.push({ from: begins, ms: PIECE_MS })
  }
  return found
}

/** Waits until the agent's tone has come three times. @returns each sounding since `from`, epoch ms */
export async function hearWaiting(agent: Hearer, from: number): Promise<Sounding[]> {
  for (const end = Date.now() + LIMIT; Date.now() < end; await sleep(200))
    if (soundings(agent, from).length > 3) break
  return soundings(agent, from).slice(0, 3)
}

/** The share of the last two seconds of a call that was the agent's tone. A busy tone has a half, what a waiting agent hears a twentieth. */
export function busyShare({ heard }: Hearer): number {
  const last = heard.packets.at(-1)?.at ?? 0
  const sounding = soundings({ heard }, last - END_MS).reduce((sum, { ms }) => sum + ms, 0)
  return sounding / END_MS
}

/** Whether a tone comes to a phone. */
export async function comesTo({ heard }: Hearer, hz: number): Promise<boolean> {
  const isThere = () => {
    const samples = heard.samples(Date.now() - 1_000)
    return samples.length >= SAMPLE_RATE / 5 && toneDbfs(samples.subarray(-SAMPLE_RATE / 5), hz) > HEARD_DBFS
  }
  for (const end = Date.now() + LIMIT; Date.now() < end; await sleep(100)) if (isThere()) return true
  return false
}

/** Waits until the PBX has no channel any more. @returns what it says of its channels */
export async function channelsLeft({ lab: { pbx } }: CallLab): Promise<string> {
  const ask = async () => /^\d+ active channels?/m.exec(await pbx.cli('core show channels count'))?.[0] ?? ''
  for (const end = Date.now() + LIMIT; Date.now() < end; await sleep(500))
    if ((await ask()) === '0 active channels') break
  return ask()
}
