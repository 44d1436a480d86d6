import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { ackOfRefusal, ClientTransactions } from './client-transactions.js'
import { header, methodOf, type SipMessage, sequenceOf, statusOf } from './message.js'
import type { CallEnd } from './outgoing-call.js'

/** How often a 200 is repeated until the PBX acknowledges it, ms (T1 of RFC 3261 section 13.3.1.4). */
const REPEAT_MS = 500
/** After this time without an acknowledgement the call is ended nevertheless, ms (64 T1). */
const ACK_LIMIT_MS = 32_000

interface IncomingEvents {
  acknowledged: []
  ended: [end: CallEnd]
}

/** A call to a phone: its signalling over UDP, from INVITE to BYE, RFC 3261. Media is elsewhere. */
export class IncomingCall extends EventEmitter<IncomingEvents> {
  readonly #exchange: ClientTransactions
  readonly #invite: SipMessage
  readonly #own: string
  #repeating: NodeJS.Timeout | undefined
  #sequence = 1
  #state: 'ringing' | 'talking' | 'ended' = 'ringing'
  #isAcknowledged = false
  /** The last description of our media. */
  #sdp = ''

  /**
   * Rings: it sends a 180.
   *
   * @param own the phone's `host:port`
   * @param from where the INVITE came from
   */
  constructor(socket: Socket, own: string, invite: SipMessage, from: { address: string; port: number }) {
    super()
    this.#own = own
    this.#exchange = new ClientTransactions(socket, from.port, from.address)
    const tag = `;tag=${randomBytes(6).toString('hex')}`
    const headers = invite.headers.map(([name, value]): [string, string] => [
      name,
      name === 'to' ? value + tag : value,
    ])
    this.#invite = { ...invite, headers }
    this.#respond('180 Ringing')
  }

  get callId(): string {
    return header(this.#invite, 'call-id') ?? ''
  }

  /** The caller's identity as the phone shows it. */
  get caller(): string {
    return header(this.#invite, 'from') ?? ''
  }

  /** The offer of the PBX. */
  get offer(): string {
    return this.#invite.body
  }

  /** Answers. @param sdp the answer to the offer */
  answer(sdp: string): void {
    if (this.#state !== 'ringing') return
    this.#state = 'talking'
    this.#sdp = sdp
    const respond = () => this.#describe(this.#invite)
    respond()
    this.#repeating = setInterval(respond, REPEAT_MS)
  }

  /** Sends early media before the answer, by a 183, RFC 3960. @param sdp the answer to the offer */
  progress(sdp: string): void {
    if (this.#state !== 'ringing') return
    this.#respond('183 Session Progress', [['content-type', 'application/sdp']], sdp)
  }

  /** Refuses the call. @param status such as `486 Busy Here` */
  refuse(status: string): void {
    if (this.#state !== 'ringing') return
    this.#respond(status)
    this.#end({ by: 'refusal', status: Number.parseInt(status, 10) })
  }

  /** Redirects the call before it is answered, by 302. @param target a SIP address */
  redirect(target: string): void {
    if (this.#state !== 'ringing') return
    this.#exchange.respond(this.#invite, '302 Moved Temporarily', [['contact', `<${target}>`]])
    this.#end({ by: 'refusal', status: 302 })
  }

  /**
   * Has the PBX transfer the other side of the answered call, RFC 3515.
   *
   * @param target a SIP address, for an attended transfer with `Replaces` in it, RFC 3891
   * @returns the final status, 0 if none came
   */
  async refer(target: string): Promise<number> {
    const response = await this.#exchange.request(this.#request('REFER', [['refer-to', `<${target}>`]]))
    return response ? statusOf(response) : 0
  }

  /** Makes another offer in the answered call, RFC 3261 section 14. @returns the final status, 0 if none came */
  async offerAgain(sdp: string): Promise<number> {
    this.#sdp = sdp
    const request = this.#request('INVITE', [['content-type', 'application/sdp']], sdp)
    const response = await this.#exchange.request(request)
    const status = response ? statusOf(response) : 0
    if (!response) return status
    const ack = this.#request('ACK', [], '', sequenceOf(response))
    // The ACK of a refusal belongs to the transaction of the INVITE (section 17.1.1.3).
    this.#exchange.send(status < 300 ? ack : ackOfRefusal(request, response))
    return status
  }

  /** Ends the answered call by BYE, which may be sent only after the ACK (section 15). */
  async hangup(): Promise<void> {
    if (this.#state !== 'talking') return
    const ended = once(this, 'ended')
    if (!this.#isAcknowledged)
      await Promise.race([once(this, 'acknowledged'), ended, sleep(ACK_LIMIT_MS, undefined, { ref: false })])
    if (this.#state === 'talking')
      void this.#exchange.request(this.#request('BYE')).then(() => this.#end({ by: 'caller', status: 0 }))
    await ended
  }

  /** Handles a message of this call. */
  received(message: SipMessage): void {
    const method = methodOf(message)
    if (statusOf(message) > 0) this.#exchange.handleResponse(message)
    else if (method === 'INVITE') {
      if (this.#state === 'ringing') this.#respond('180 Ringing')
      // The PBX makes another offer. Our media stays as last described.
      else if (sequenceOf(message) !== sequenceOf(this.#invite)) this.#describe(message)
    } else if (method === 'ACK') this.#acknowledged()
    else {
      this.#exchange.respond(message, '200 OK')
      if (method === 'CANCEL' && this.#state === 'ringing') this.#respond('487 Request Terminated')
      if (method === 'CANCEL' || method === 'BYE')
        this.#end({ by: 'pbx', status: method === 'BYE' ? 0 : 487 })
    }
  }

  #acknowledged(): void {
    clearInterval(this.#repeating)
    this.#isAcknowledged = true
    this.emit('acknowledged')
  }

  #describe(invite: SipMessage): void {
    const extra: [string, string][] = [
      ['contact', `<sip:lab@${this.#own}>`],
      ['content-type', 'application/sdp'],
    ]
    this.#exchange.respond(invite, '200 OK', extra, this.#sdp)
  }

  #respond(status: string, extra: [string, string][] = [], body = ''): void {
    this.#exchange.respond(this.#invite, status, [['contact', `<sip:lab@${this.#own}>`], ...extra], body)
  }

  /** A request inside the call. */
  #request(
    method: string,
    extra: [string, string][] = [],
    body = '',
    sequence = this.#sequence++,
  ): SipMessage {
    const target = /<([^>]+)>/.exec(header(this.#invite, 'contact') ?? '')?.[1] ?? ''
    const headers: [string, string][] = [
      ['via', `SIP/2.0/UDP ${this.#own};branch=z9hG4bK${randomBytes(8).toString('hex')}`],
      ['from', header(this.#invite, 'to') ?? ''],
      ['to', header(this.#invite, 'from') ?? ''],
      ['call-id', this.callId],
      ['cseq', `${sequence} ${method}`],
      ['contact', `<sip:lab@${this.#own}>`],
      ['max-forwards', '70'],
      ...extra,
    ]
    return { start: `${method} ${target} SIP/2.0`, headers, body }
  }

  #end(end: CallEnd): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    clearInterval(this.#repeating)
    this.#exchange.close()
    this.emit('ended', end)
  }
}
