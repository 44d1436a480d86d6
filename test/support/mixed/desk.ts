import { setTimeout as sleep } from 'node:timers/promises'
import { Caller } from '../../../lab/caller.js'
import { AUDIBLE_DBFS } from '../../../lab/media/received-audio.js'
import type { Pbx } from '../../../lab/pbx.js'
import { type AnsweredCall, Phone } from '../../../lab/phone.js'

/** How long anything may take, ms: on a busy machine a caller hears every prompt. */
export const LIMIT = 60_000

let callers = 0

/**
 * Two phones of the company, and the caller whom they serve. The dialplan finds the phones by the desk's number, the last two digits of each
 * number that is dialled for it and of its callers' numbers.
 */
export class Desk {
  first!: Phone
  second!: Phone
  /** How many calls its callers have placed. */
  placed = 0
  /** What is hung up at the end of a scene, if it has not ended. */
  readonly #open: { hangup(): Promise<void> }[] = []

  private constructor(
    readonly pbx: Pbx,
    /** Two digits. */
    readonly digits: string,
  ) {}

  /** @param number 1 to 20, which no other desk of this PBX has */
  static async open(pbx: Pbx, number: number): Promise<Desk> {
    const desk = new Desk(pbx, String(number).padStart(2, '0'))
    await desk.#takePhones()
    return desk
  }

  /** A caller dials, and answers by a key in the disclosure. Without a key, the caller only listens. */
  async dial(number: string, key?: '1' | '2'): Promise<Caller> {
    const from = `7996${String(++callers).padStart(5, '0')}${this.digits}`
    const caller = await this.call(number, from)
    this.placed += 1
    await caller.heard.waitForAudio(LIMIT, AUDIBLE_DBFS, caller.answeredAt)
    if (key) await caller.press(key)
    return caller
  }

  /** Somebody dials, and is answered. @param rings whether not to wait for that */
  async call(number: string, from?: string, rings = false): Promise<Caller> {
    const caller = await Caller.call({ sip: this.pbx.sip, number, ...(from && { from }) })
    this.#open.push(caller)
    if (!rings) await caller.waitForAnswer(LIMIT)
    return caller
  }

  /** A phone of the desk rings, and is answered. */
  async pickUp(phone: Phone): Promise<AnsweredCall> {
    const call = await phone.answer(await phone.waitForRing(LIMIT))
    this.#open.push(call)
    return call
  }

  /** Has the PBX transfer a caller. @param to the number of the target without the desk's digits, or an address */
  async refer(agent: AnsweredCall, to: string): Promise<void> {
    const status = await agent.refer(to.includes(':') ? to : `sip:${to}${this.digits}@${this.pbx.sip}`)
    if (status !== 202) throw new Error(`the PBX answers ${status} to REFER`)
  }

  /** Hangs up whatever goes on, after a short talk. */
  async end(talkMs = 500): Promise<void> {
    await sleep(talkMs)
    for (const call of this.#open.splice(0)) await call.hangup()
  }

  /** After a scene that failed: its phones may still ring. */
  async restart(): Promise<void> {
    for (const call of this.#open.splice(0)) await call.hangup().catch(() => {})
    this.close()
    await this.#takePhones()
  }

  close(): void {
    for (const phone of [this.first, this.second]) phone.close()
  }

  async #takePhones(): Promise<void> {
    this.first = await Phone.open()
    this.second = await Phone.open()
    await this.pbx.setGlobal(`FIRST_${this.digits}`, this.first.agentEndpoint)
    await this.pbx.setGlobal(`SECOND_${this.digits}`, this.second.agentEndpoint)
  }
}
