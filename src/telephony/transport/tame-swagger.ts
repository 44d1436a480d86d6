import { createRequire } from 'node:module'

/** No request of ours waits longer, ms; whoever asks gives up before. */
const ANSWER_MS = 10_000

/** What swagger-client wants asked, and whom it tells. */
interface Asked {
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
 * swagger-client, below ari-client, comments on the PBX's description through a global `log` that prints on standard
 * output and remembers all it ever said. After it has reported a failure it throws it as well, and at an answer that it
 * cannot read it throws where nobody can catch it: a PBX that is asked while it starts, or a proxy that answers for it,
 * would end the service. And its HTTP client follows wherever an answer leads, with the password.
 */
export function tameSwagger(): void {
  Object.assign(globalThis, { log: () => {} })
  const ofAriClient = createRequire(createRequire(import.meta.url).resolve('ari-client'))
  const { SwaggerApi, SwaggerHttp } = ofAriClient('swagger-client') as {
    SwaggerApi: { prototype: { failure(why: string): void; fail(why: string): void } }
    SwaggerHttp: { prototype: { execute(asked: Asked): void } }
  }
  SwaggerApi.prototype.fail = function (why) {
    this.failure(why)
  }
  SwaggerHttp.prototype.execute = asked => void ask(asked)
}

/** Asks once; whatever comes of it that is no answer, or cannot be read by whoever asked, is an error to him. */
async function ask({ url, method, headers = {}, body, on }: Asked): Promise<void> {
  let reply: Reply = { status: 0, statusText: 'no answer', data: '' }
  try {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const init = { method: method.toUpperCase(), headers, redirect: 'error' as const, signal }
    const answer = await fetch(url, body === undefined ? init : { ...init, body })
    reply = { status: answer.status, statusText: answer.statusText, data: await answer.text() }
    if (answer.ok) return void on.response(reply)
  } catch {
    // Told below.
  }
  try {
    on.error(reply)
  } catch {
    // Nobody is left to tell.
  }
}
