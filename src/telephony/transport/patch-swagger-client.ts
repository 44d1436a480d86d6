import { createRequire } from 'node:module'

/** Longest time for one request, ms. The callers of this module give up earlier. */
const ANSWER_TIMEOUT_MS = 10_000

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
 * Patches swagger-client, which ari-client uses, in four places.
 *
 * - It prints through a global `log`, which also keeps everything printed. The patched `log` does nothing.
 * - It throws after it has reported a failure. The patched `fail` only reports.
 * - It throws uncaught at an answer that it cannot read. A starting PBX, or a proxy, would end the service.
 * - Its HTTP client follows redirects and sends the password along. The patched client refuses redirects.
 */
export function patchSwaggerClient(): void {
  Object.assign(globalThis, { log: () => {} })
  const ofAriClient = createRequire(createRequire(import.meta.url).resolve('ari-client'))
  const { SwaggerApi, SwaggerHttp } = ofAriClient('swagger-client') as {
    SwaggerApi: { prototype: { failure(why: string): void; fail(why: string): void } }
    SwaggerHttp: { prototype: { execute(asked: SwaggerRequest): void } }
  }
  SwaggerApi.prototype.fail = function (why) {
    this.failure(why)
  }
  SwaggerHttp.prototype.execute = asked => void sendRequest(asked)
}

/** Sends one request. Calls `on.error` if there is no good answer, or if `on.response` throws. */
async function sendRequest({ url, method, headers = {}, body, on }: SwaggerRequest): Promise<void> {
  let reply: Reply = { status: 0, statusText: 'no answer', data: '' }
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    const init = { method: method.toUpperCase(), headers, redirect: 'error' as const, signal }
    const answer = await fetch(url, body === undefined ? init : { ...init, body })
    reply = { status: answer.status, statusText: answer.statusText, data: await answer.text() }
    if (answer.ok) return void on.response(reply)
  } catch {
    // Reported below.
  }
  try {
    on.error(reply)
  } catch {
    // No handler is left.
  }
}
