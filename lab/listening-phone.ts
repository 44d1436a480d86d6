import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SAMPLE_RATE } from '../src/core/audio.js'
import { encodeWav } from '../src/lib/audio-formats/wav.js'
import { Phone } from './phone.js'
import type { IncomingCall } from './sip/incoming-call.js'

/** A phone for people who have none: it answers whenever it is rung, presses nothing, and saves what it hears. */
export interface ListeningPhone {
  /** As `CONSENTRY_RING_ENDPOINTS` names it. */
  readonly endpoint: string
  close(): void
}

/** Longest call, ms. It is hung up then. */
const CALL_LIMIT_MS = 10 * 60_000

/**
 * @param folderOf where the sounds are saved, as WAV
 * @param report called with a sentence for people, after each call
 */
export async function openListeningPhone(
  folderOf: () => string,
  report: (line: string) => void,
): Promise<ListeningPhone> {
  const phone = await Phone.open()
  let calls = 0
  const hear = async (ringing: IncomingCall) => {
    const file = join(folderOf(), `phone-${++calls}.wav`)
    const call = await phone.answer(ringing)
    await call.waitForEnd(CALL_LIMIT_MS).catch(() => call.hangup())
    const samples = call.heard.samples()
    await writeFile(file, encodeWav({ rate: SAMPLE_RATE, samples }))
    report(`the lab's phone was rung, and heard ${(samples.length / SAMPLE_RATE).toFixed(1)} s: ${file}`)
  }
  phone.onEachRing(ringing => {
    hear(ringing).catch((error: Error) => report(`the lab's phone was rung, and failed: ${error.message}`))
  })
  return { endpoint: phone.endpoint, close: () => phone.close() }
}
