import { setTimeout as sleep } from 'node:timers/promises'
import { Caller } from '../../../lab/caller.js'
import type { ReceivedPacket } from '../../../lab/media/received-audio.js'
import type { Database } from '../../../src/db/database.js'
import { findCall, waitForAnswer } from './watch-journal.js'

/** Times of one call that was asked, epoch ms. */
export interface AskedCall {
  from: string
  answeredAt: number
  /** When the key's last packet was sent. */
  keyEndedAt: number
  /** When the answer was visible in the journal. */
  journalledAt: number
  packets: readonly ReceivedPacket[]
}

export interface CallOptions {
  sip: string
  number: string
  from: string
}

/** Longest time until the first sound, ms. */
const FIRST_SOUND_MS = 10_000
/** Time for the return to the dialplan after the confirmation, ms. */
const LINGER_MS = 700

/**
 * Says yes by key during the disclosure and hears the complete confirmation.
 *
 * @param options `listenMs`: from the first sound to the key; `confirmationMs`: length of the confirmation
 */
export async function placeAskedCall(
  options: CallOptions & { db: Database; listenMs: number; confirmationMs: number },
): Promise<AskedCall> {
  const { db, from, listenMs, confirmationMs } = options
  const caller = await Caller.call(options)
  try {
    await caller.waitForAnswer()
    await caller.heard.waitForAudio(FIRST_SOUND_MS)
    await sleep(listenMs)
    const call = await findCall(db, from)
    const keyEndedAt = await caller.press('1')
    const journalledAt = await waitForAnswer(db, call)
    await sleep(confirmationMs + LINGER_MS)
    const answeredAt = caller.answeredAt as number
    return { from, answeredAt, keyEndedAt, journalledAt, packets: caller.heard.packets }
  } finally {
    await caller.hangup()
  }
}

/** @returns time from the call's answer to the first packet, ms */
export function msToFirstSound({ answeredAt, packets }: Pick<AskedCall, 'answeredAt' | 'packets'>): number {
  const [first] = packets
  if (!first) throw new Error('nothing was heard')
  return first.at - answeredAt
}

/** Calls a number that plays something, and hangs up. @returns time from the answer to the first packet, ms */
export async function placePlayedCall(options: CallOptions): Promise<number> {
  const caller = await Caller.call(options)
  try {
    await caller.waitForAnswer()
    await caller.heard.waitForAudio(FIRST_SOUND_MS)
    return msToFirstSound({ answeredAt: caller.answeredAt as number, packets: caller.heard.packets })
  } finally {
    await caller.hangup()
  }
}
