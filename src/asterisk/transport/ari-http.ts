import { once } from 'node:events'
import http, { type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import { readBody } from '../../lib/process/outgoing.js'

/** Longest time for one request, ms. The callers of this module give up earlier. */
const ANSWER_TIMEOUT_MS = 10_000
/** Most bytes of an answer. A channel in a list has about 1 KB. */
const MAX_BYTES = 67_108_864
/** How long an unused connection stays open, ms. Asterisk closes it after 15 s by default (`session_keep_alive` in http.conf). */
const KEEP_ALIVE = { keepAlive: true, timeout: 4_000, maxFreeSockets: 32 }
/** Longest time for which a request is sent again, ms. Later its sender has given up. */
const RESEND_MS = 1_000

// `fetch` takes one and a half times the processor time.
const PLAIN = { request: http.request, agent: new http.Agent(KEEP_ALIVE) }
const TLS = { request: https.request, agent: new https.Agent(KEEP_ALIVE) }

/** Errors of a connection that the other side has closed. */
const CLOSED_CODES = new Set(['ECONNRESET', 'EPIPE'])

/** An answer. Status 0: the outcome of the request is unknown. */
export interface HttpAnswer {
  status: number
  body: string
}

/**
 * Sends a request and reads the answer. Redirects are answers like any other, so that the password goes to no other
 * address.
 *
 * The PBX may close a kept connection just as the request is sent. The request is then sent again over another
 * connection. The PBX may nevertheless have executed the first one, so a refusal of the second proves nothing: its
 * status becomes 0.
 *
 * @throws the system's error; `AbortError` after `ANSWER_TIMEOUT_MS`
 */
export async function exchange(url: URL, options: RequestOptions, body?: string): Promise<HttpAnswer> {
  const { request, agent } = url.protocol === 'https:' ? TLS : PLAIN
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
  const begun = performance.now()
  for (let tries = 1; ; tries++) {
    const sent = request(url, { ...options, agent, signal })
    // `once` listens only until the answer begins. Reading the answer reports later errors.
    sent.on('error', () => {})
    sent.end(body)
    const response = await once(sent, 'response').catch((error: NodeJS.ErrnoException) => {
      const wasClosed = sent.reusedSocket && CLOSED_CODES.has(error.code ?? '')
      if (!wasClosed || performance.now() - begun > RESEND_MS) throw error
    })
    if (!response) continue
    const [answer] = response as [IncomingMessage]
    const status = tries > 1 && answer.statusCode! >= 400 ? 0 : answer.statusCode!
    return { status, body: (await readBody(answer, MAX_BYTES)).toString() }
  }
}
