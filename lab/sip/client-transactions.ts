import type { Socket } from 'node:dgram'
import { formatSip, header, methodOf, type SipMessage, sequenceOf, statusOf } from './message.js'

/** T1 and T2 of RFC 3261 section 17: first and longest interval between repetitions of a request, ms. */
const T1_MS = 500
const T2_MS = 4_000
/** Timers B and F: a request without a final response has failed after this, ms. */
const GIVE_UP_MS = 64 * T1_MS

/** A request of the transaction of an INVITE: CANCEL, or the ACK of a refusal. @param to the address with its tag, as the response has it */
export function ofInvite(invite: SipMessage, method: string, to?: string): SipMessage {
  const copied = invite.headers.filter(([name]) => ['via', 'from', 'call-id', 'max-forwards'].includes(name))
  const headers: [string, string][] = [
    ...copied,
    ['to', to ?? header(invite, 'to') ?? ''],
    ['cseq', `${sequenceOf(invite)} ${method}`],
  ]
  return { start: invite.start.replace('INVITE', method), headers, body: '' }
}

/** The ACK of a refused INVITE, RFC 3261 section 17.1.1.3. */
export const ackOfRefusal = (invite: SipMessage, refusal: SipMessage): SipMessage =>
  ofInvite(invite, 'ACK', header(refusal, 'to'))

interface Pending {
  method: string
  sequence: number
  stop(): void
  answer(response: SipMessage): void
}

/** Client transactions of one UDP socket, RFC 3261 section 17.1: repeats each request until a response comes. */
export class ClientTransactions {
  readonly #pending = new Set<Pending>()

  constructor(
    private readonly socket: Socket,
    private readonly port: number,
    private readonly host: string,
  ) {}

  send(message: SipMessage): void {
    this.socket.send(formatSip(message), this.port, this.host)
  }

  /**
   * Sends a request, and repeats it until a response comes.
   *
   * @param provisional called with each 1xx response
   * @returns the final response; undefined after 32 s without one, or after {@link close}
   */
  request(
    message: SipMessage,
    provisional?: (response: SipMessage) => void,
  ): Promise<SipMessage | undefined> {
    return new Promise(resolve => {
      const method = methodOf(message)
      let pause = T1_MS
      let again: NodeJS.Timeout
      const repeat = () => {
        this.send(message)
        again = setTimeout(repeat, pause)
        // The interval of INVITE doubles without a limit, that of other requests up to T2 (17.1.1.2, 17.1.2.2).
        pause = method === 'INVITE' ? pause * 2 : Math.min(pause * 2, T2_MS)
      }
      const finish = (response?: SipMessage) => {
        clearTimeout(again)
        clearTimeout(limit)
        this.#pending.delete(pending)
        resolve(response)
      }
      const limit = setTimeout(finish, GIVE_UP_MS)
      const pending: Pending = {
        method,
        sequence: sequenceOf(message),
        stop: finish,
        answer: response => {
          if (statusOf(response) >= 200) finish(response)
          else {
            // After a 1xx an INVITE is not repeated and does not time out: ringing may take long.
            if (method === 'INVITE') {
              clearTimeout(again)
              clearTimeout(limit)
            }
            provisional?.(response)
          }
        },
      }
      this.#pending.add(pending)
      repeat()
    })
  }

  /** Gives a response to its request. @returns false if no request waits for it */
  handleResponse(response: SipMessage): boolean {
    for (const pending of this.#pending) {
      if (pending.method === methodOf(response) && pending.sequence === sequenceOf(response)) {
        pending.answer(response)
        return true
      }
    }
    return false
  }

  /** Responds to a request, with the headers that must be copied from it, RFC 3261 section 8.2.6. */
  respond(request: SipMessage, status: string, extra: [string, string][] = [], body = ''): void {
    const copied = ['via', 'from', 'to', 'call-id', 'cseq', 'record-route']
    const headers = request.headers.filter(([name]) => copied.includes(name))
    this.send({ start: `SIP/2.0 ${status}`, headers: [...headers, ...extra], body })
  }

  close(): void {
    for (const pending of this.#pending) pending.stop()
  }
}
