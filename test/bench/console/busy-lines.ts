import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { event } from '../../../src/core/events.js'
import { newCallId, newNodeId } from '../../../src/core/ids.js'
import { startJournal } from '../../../src/journal/journal.js'
import { log } from '../support/bench-database.js'

/** Calls at the same time, and how long one lasts, ms: four begin in a second, and as many end. */
const AT_ONCE = 200
const CALL_MS = 50_000
/** From the start of a call to its decision, ms. */
const DECIDE_MS = 9_000

/** Lets calls come and go in the journal, without telephony. @returns ends it */
export async function keepLinesBusy(url: string): Promise<() => Promise<void>> {
  const journal = startJournal(url, log)
  await journal.idle()
  const stopping = new AbortController()
  const { signal } = stopping
  // Each call waits for it.
  setMaxListeners(0, signal)
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {})
  const calls = new Set<Promise<void>>()
  const service = newNodeId()
  const oneCall = async (turn: number) => {
    const call = newCallId()
    const now = () => Date.now()
    const data = { line: '100', policy: 1, language: 'ru' as const, mode: 'key', channel: `pbx-${call}` }
    const caller = `+7916${String(turn).padStart(7, '0')}`
    journal.note(event('call.started', call, now(), { ...data, utcOffset: '+03:00', service }, { caller }))
    journal.note(event('call.answered', call, now(), { line: '100', policy: 1 }))
    await pause(DECIDE_MS)
    journal.note(event('call.decided', call, now(), { decision: turn % 4 === 0 ? 'refused' : 'granted' }))
    await pause(CALL_MS - DECIDE_MS)
    journal.note(event('call.ended', call, now(), { cause: 16, phase: 'talking' }))
  }
  const run = async () => {
    for (let turn = 0; !signal.aborted; turn += 1) {
      const one = oneCall(turn)
      calls.add(one)
      void one.finally(() => calls.delete(one))
      await pause(CALL_MS / AT_ONCE)
    }
    await Promise.all(calls)
  }
  const running = run()
  return async () => {
    stopping.abort()
    await running
    await journal.stop()
  }
}

/** How long it takes until as many calls go on as later, ms. */
export const FILLED_MS = CALL_MS
