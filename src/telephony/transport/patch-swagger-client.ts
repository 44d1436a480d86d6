import { once } from 'node:events'
import http, { type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'

/** Longest time for one request, ms. The callers of this module give up earlier. */
const ANSWER_TIMEOUT_MS = 10_000
/** How long an unused connection stays open, ms. Asterisk closes it after 15 s by default (`session_keep_alive` in http.conf). */
const KEEP_ALIVE = { keepAlive: true, timeout: 4_000, maxFreeSockets: 32 }
/** A request is sent again only for so long, ms. Later its sender has given up. */
const RESEND_MS = 1_000

// Not `fetch`, which takes one and a half times the processor time.
const PLAIN = { request: http.request, agent: new http.Agent(KEEP_ALIVE) }
const TLS = { request: https.request, agent: new https.Agent(KEEP_ALIVE) }

/** Errors of a connection that the other side has closed. */
const CLOSED_CODES = new Set(['ECONNRESET', 'EPIPE'])

/** A request of swagger-client, with its callbacks. */
interface SwaggerRequest {
  url: string
  method: string
  headers?: Record<string, string>
  body?: string
  on: { response(reply: Reply): unknown; error(reply: Reply): unknown }
}

interface Reply {
  status: number
  statusText: string
  data: string
}

/**
 * Patches swagger-client, which ari-client uses, in three places.
 *
 * - It prints through a global `log`, which also keeps everything printed. The patched `log` does nothing.
 * - It throws after it has reported a failure. The patched `fail` only reports.
 * - Its HTTP client follows redirects and sends the password along, and throws uncaught at an answer that it cannot read. A starting
 *   PBX, or a proxy, would end the service. The patched client follows no redirect, and reports every failure.
 */
export function patchSwaggerClient(): void {
  Object.assign(globalThis, { log: () => {} })
  const ofAriClient = createRequire(createRequire(import.meta.url).resolve('ari-client'))
  const { SwaggerApi, SwaggerHttp } = ofAriClient('swagger-client') as {
    SwaggerApi: { prototype: { failure(why: string): void; fail(why: string): void } }
    SwaggerHttp: { prototype: { execute(request: SwaggerRequest): void } }
  }
  SwaggerApi.prototype.fail = function (why) {
    this.failure(why)
  }
  SwaggerHttp.prototype.execute = request => void sendRequest(request)
}

/** Sends one request. Calls `on.error` if there is no good answer, or if `on.response` throws. */
async function sendRequest({ url, method, headers = {}, body, on }: SwaggerRequest): Promise<void> {
  let reply: Reply = { status: 0, statusText: 'no answer', data: '' }
  try {
    reply = await exchange(new URL(url), { method: method.toUpperCase(), headers }, body)
    if (reply.status >= 200 && reply.status < 300) return void on.response(reply)
  } catch {
    // Reported below.
  }
  try {
    on.error(reply)
  } catch {
    // No handler is left.
  }
}

/**
 * Sends a request and reads the answer. The PBX may close a kept connection at the moment when the request goes out. Then the request
 * is sent again over another connection. The PBX may have carried out the first one all the same, so a refusal of the second says
 * nothing: its status becomes 0, as if no answer had come.
 *
 * @throws the system's error; `AbortError` after `ANSWER_TIMEOUT_MS`
 */
async function exchange(url: URL, options: RequestOptions, body?: string): Promise<Reply> {
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
    return { status, statusText: answer.statusMessage!, data: await text(answer) }
  }
}
