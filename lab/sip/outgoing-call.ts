import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { LOOPBACK } from '../ports.js'
import { ackOfRefusal, ClientTransactions, ofInvite } from './client-transactions.js'
import { header, methodOf, parseSip, type SipMessage, sequenceOf, statusOf } from './message.js'

export interface OutgoingCallOptions {
  /** Where the PBX listens, `host:port`. */
  sip: string
  /** User part of the called address. */
  number: string
  /** The From address without tag. `OWN` in it becomes our host and port. */
  from: string
  /** Further headers of the INVITE. */
  headers: [string, string][]
  /** SDP of our offer, and of our answer when the PBX makes an offer. */
  sdp: string
}

/** Which side ended a call, and the SIP status if it was never answered. */
export interface CallEnd {
  by: 'caller' | 'pbx' | 'refusal' | 'lost'
  status: number
}

interface CallEvents {
  ringing: []
  answered: [sdp: string]
  ended: [end: CallEnd]
}

/** How long the socket stays open after the end, ms: to send the last response, and to answer a repeated BYE. */
const SOCKET_LINGER_MS = 1_000

/** A caller's signalling over UDP, from INVITE to BYE, RFC 3261. Media is elsewhere. */
export class OutgoingCall extends EventEmitter<CallEvents> {
  readonly callId = `${randomBytes(12).toString('hex')}@lab`
  readonly #tag = randomBytes(6).toString('hex')
  readonly #socket: Socket = createSocket('udp4')
  #exchange!: ClientTransactions
  #own = ''
  #invite!: SipMessage
  #sequence = 1
  /** Request URI inside the dialog, and the other side's address with its tag. */
  #target: string
  #to: string
  #state: 'calling' | 'talking' | 'leaving' | 'ended' = 'calling'
  #cancelled = false
  #progressed = false
  /** Our last offer. */
  #sdp: string

  constructor(private readonly options: OutgoingCallOptions) {
    super()
    this.#target = `sip:${options.number}@${options.sip}`
    this.#to = `<${this.#target}>`
    this.#sdp = options.sdp
  }

  /** Sends the INVITE. Its results are events. */
  async start(): Promise<void> {
    const { sip, headers, sdp } = this.options
    this.#socket.bind(0, LOOPBACK)
    await once(this.#socket, 'listening')
    this.#own = `${LOOPBACK}:${this.#socket.address().port}`
    const [host = LOOPBACK, port = '5060'] = sip.split(':')
    this.#exchange = new ClientTransactions(this.#socket, Number(port), host)
    this.#socket.on('message', datagram => this.#received(parseSip(datagram)))
    this.#invite = this.#message('INVITE', sdp, [...headers, ['content-type', 'application/sdp']])
    void this.#exchange
      .request(this.#invite, response => this.#provisional(response))
      .then(response => this.#final(response))
  }

  /** Ends the call: CANCEL before the answer, BYE after it. May be called again. */
  async hangup(): Promise<void> {
    const ended = this.#state === 'ended' ? undefined : once(this, 'ended')
    if (this.#state === 'calling') {
      // CANCEL may be sent only after a provisional response (section 9.1).
      if (this.#progressed && !this.#cancelled) this.#cancel()
      this.#cancelled = true
    } else if (this.#state === 'talking') {
      this.#state = 'leaving'
      await this.#exchange.request(this.#message('BYE'))
      this.#end({ by: 'caller', status: 0 })
    }
    await ended
  }

  /** Sends a request inside the call, such as INFO. @returns its final status, 0 if none came */
  async request(method: string, body: string, type: string): Promise<number> {
    const response = await this.#exchange.request(this.#message(method, body, [['content-type', type]]))
    return response ? statusOf(response) : 0
  }

  /** Makes another offer in the answered call, RFC 3261 section 14. @returns the final status, 0 if none came */
  async offerAgain(sdp: string): Promise<number> {
    this.#sdp = sdp
    const invite = this.#message('INVITE', sdp, [['content-type', 'application/sdp']])
    const response = await this.#exchange.request(invite)
    if (response) this.#acknowledge(response, invite)
    return response ? statusOf(response) : 0
  }

  /** The address with which a `REFER` replaces the answered call: with `Replaces`, RFC 3891. */
  get replacesAddress(): string {
    const remote = /;tag=([^;>\s]+)/.exec(this.#to)?.[1] ?? ''
    const replaces = `${this.callId};to-tag=${remote};from-tag=${this.#tag}`
    return `sip:${this.options.number}@${this.options.sip}?Replaces=${encodeURIComponent(replaces)}`
  }

  /** Stops without BYE, as a phone that loses power. */
  losePower(): void {
    this.#end({ by: 'lost', status: 0 })
  }

  #message(
    method: string,
    body = '',
    extra: [string, string][] = [],
    sequence = this.#sequence++,
  ): SipMessage {
    const headers: [string, string][] = [
      ['via', `SIP/2.0/UDP ${this.#own};branch=z9hG4bK${randomBytes(8).toString('hex')}`],
      ['from', `${this.options.from.replace('OWN', this.#own)};tag=${this.#tag}`],
      ['to', this.#to],
      ['call-id', this.callId],
      ['cseq', `${sequence} ${method}`],
      ['contact', `<sip:lab@${this.#own}>`],
      ['max-forwards', '70'],
      ...extra,
    ]
    return { start: `${method} ${this.#target} SIP/2.0`, headers, body }
  }

  #cancel(): void {
    void this.#exchange.request(ofInvite(this.#invite, 'CANCEL'))
  }

  #provisional(response: SipMessage): void {
    if (!this.#progressed && this.#cancelled) this.#cancel()
    this.#progressed = true
    if (statusOf(response) === 180) this.emit('ringing')
  }

  #final(response: SipMessage | undefined): void {
    if (this.#state === 'ended') return
    const status = response ? statusOf(response) : 0
    if (response) this.#acknowledge(response, this.#invite)
    if (!response) this.#end({ by: 'lost', status })
    else if (status >= 300) this.#end({ by: this.#cancelled ? 'caller' : 'refusal', status })
    else this.#established(response.body)
  }

  #established(sdp: string): void {
    this.#state = 'talking'
    // The 200 crossed our CANCEL: the call is established, so BYE ends it (section 15).
    if (this.#cancelled) void this.hangup()
    else this.emit('answered', sdp)
  }

  /** ACK: a request of its own for a 2xx (section 13.2.2.4), part of the INVITE's transaction otherwise (17.1.1.3). */
  #acknowledge(response: SipMessage, invite: SipMessage): void {
    if (statusOf(response) >= 300) {
      this.#exchange.send(ackOfRefusal(invite, response))
      return
    }
    this.#to = header(response, 'to') ?? this.#to
    this.#target = /<([^>]+)>/.exec(header(response, 'contact') ?? '')?.[1] ?? this.#target
    this.#exchange.send(this.#message('ACK', '', [], sequenceOf(response)))
  }

  #received(message: SipMessage): void {
    if (header(message, 'call-id') !== this.callId) return
    const contact: [string, string] = ['contact', `<sip:lab@${this.#own}>`]
    if (statusOf(message) > 0) {
      const expected = this.#exchange.handleResponse(message)
      // A repeated response means that our ACK was lost.
      if (!expected && methodOf(message) === 'INVITE' && statusOf(message) >= 200)
        this.#acknowledge(message, this.#invite)
    } else if (methodOf(message) === 'INVITE') {
      // The PBX makes a new offer, for hold or another address. Our media stays as last offered.
      const type: [string, string] = ['content-type', 'application/sdp']
      this.#exchange.respond(message, '200 OK', [contact, type], this.#sdp)
    } else if (methodOf(message) !== 'ACK') {
      this.#exchange.respond(message, '200 OK', [contact])
      if (methodOf(message) === 'BYE') this.#end({ by: 'pbx', status: 0 })
    }
  }

  #end(end: CallEnd): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#exchange.close()
    setTimeout(() => this.#socket.close(), SOCKET_LINGER_MS).unref()
    this.#socket.unref()
    this.emit('ended', end)
  }
}
