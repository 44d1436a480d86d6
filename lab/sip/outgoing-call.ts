import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { LOOPBACK } from '../ports.js'
import { ClientTransactions } from './client-transactions.js'
import { header, methodOf, parseSip, type SipMessage, sequenceOf, statusOf } from './message.js'

export interface OutgoingCallOptions {
  /** Where the PBX listens, `host:port`. */
  sip: string
  /** User part of the address that is called. */
  number: string
  /** The caller's address as it stands in From, without tag; `OWN` in it becomes our host and port. */
  from: string
  /** Further header lines of the INVITE, as they are. */
  headers: [string, string][]
  /** What to offer, and what to answer when the PBX offers again. */
  sdp: string
}

/** How a call ended: who ended it, and the status of a call that was never answered. */
export interface CallEnd {
  by: 'caller' | 'pbx' | 'refusal' | 'lost'
  status: number
}

interface CallEvents {
  ringing: []
  answered: [sdp: string]
  ended: [end: CallEnd]
}

/** How long the socket stays open after the end, ms: a last answer must get out, a repeated BYE be answered. */
const SOCKET_LINGER_MS = 1_000

/** One call from INVITE to BYE over UDP, RFC 3261: the signalling of a caller, without media. */
export class OutgoingCall extends EventEmitter<CallEvents> {
  readonly callId = `${randomBytes(12).toString('hex')}@lab`
  readonly #tag = randomBytes(6).toString('hex')
  readonly #socket: Socket = createSocket('udp4')
  #exchange!: ClientTransactions
  #own = ''
  #invite!: SipMessage
  #sequence = 1
  /** Where requests inside the dialog go, and the other side's address with its tag. */
  #target: string
  #to: string
  #state: 'calling' | 'talking' | 'leaving' | 'ended' = 'calling'
  #cancelled = false
  #progressed = false

  constructor(private readonly options: OutgoingCallOptions) {
    super()
    this.#target = `sip:${options.number}@${options.sip}`
    this.#to = `<${this.#target}>`
  }

  /** Sends the INVITE; what comes of it is told by events. */
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

  /** Ends the call in whatever state it is: CANCEL before the answer, BYE after it. Harmless when it has ended. */
  async hangup(): Promise<void> {
    const ended = this.#state === 'ended' ? undefined : once(this, 'ended')
    if (this.#state === 'calling') {
      // CANCEL may be sent only once the other side has answered something (section 9.1).
      if (this.#progressed && !this.#cancelled) this.#cancel()
      this.#cancelled = true
    } else if (this.#state === 'talking') {
      this.#state = 'leaving'
      await this.#exchange.request(this.#message('BYE'))
      this.#end({ by: 'caller', status: 0 })
    }
    await ended
  }

  /** Sends a request inside the call, INFO for example. Returns its final status, 0 if none came. */
  async request(method: string, body: string, type: string): Promise<number> {
    const response = await this.#exchange.request(this.#message(method, body, [['content-type', type]]))
    return response ? statusOf(response) : 0
  }

  /** Falls silent without a word, as a phone does that loses its power. */
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

  /** A request of the INVITE's own transaction: CANCEL, or the ACK of a refusal. */
  #ofInvite(method: string, to?: string): SipMessage {
    const kept = this.#invite.headers.filter(([name]) =>
      ['via', 'from', 'call-id', 'max-forwards'].includes(name),
    )
    const toHeader = to ?? header(this.#invite, 'to') ?? ''
    const headers: [string, string][] = [
      ...kept,
      ['to', toHeader],
      ['cseq', `${sequenceOf(this.#invite)} ${method}`],
    ]
    return { start: this.#invite.start.replace('INVITE', method), headers, body: '' }
  }

  #cancel(): void {
    void this.#exchange.request(this.#ofInvite('CANCEL'))
  }

  #provisional(response: SipMessage): void {
    if (!this.#progressed && this.#cancelled) this.#cancel()
    this.#progressed = true
    if (statusOf(response) === 180) this.emit('ringing')
  }

  #final(response: SipMessage | undefined): void {
    if (this.#state === 'ended') return
    const status = response ? statusOf(response) : 0
    if (response) this.#acknowledge(response)
    if (!response) this.#end({ by: 'lost', status })
    else if (status >= 300) this.#end({ by: this.#cancelled ? 'caller' : 'refusal', status })
    else this.#established(response.body)
  }

  #established(sdp: string): void {
    this.#state = 'talking'
    // The answer crossed our CANCEL: the call stands, and is ended as one that stands (section 15).
    if (this.#cancelled) void this.hangup()
    else this.emit('answered', sdp)
  }

  /** ACK: a request of its own for a 2xx (section 13.2.2.4), part of the INVITE's transaction otherwise (17.1.1.3). */
  #acknowledge(response: SipMessage): void {
    if (statusOf(response) >= 300) {
      this.#exchange.send(this.#ofInvite('ACK', header(response, 'to')))
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
      // An answer that is repeated did not get its ACK.
      if (!expected && methodOf(message) === 'INVITE' && statusOf(message) >= 200) this.#acknowledge(message)
    } else if (methodOf(message) === 'INVITE') {
      // The PBX offers again (hold, another address): our media stays what it is.
      const type: [string, string] = ['content-type', 'application/sdp']
      this.#exchange.respond(message, '200 OK', [contact, type], this.options.sdp)
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
