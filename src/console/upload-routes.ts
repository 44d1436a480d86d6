import type { IncomingMessage } from 'node:http'
import type { RouteOptions } from 'fastify'

/** The routes that take long bodies. A connection needs them before its request is routed. */
export class UploadRoutes {
  readonly #forms: { method: string; path: RegExp }[] = []

  /** @param usualBytes most bytes of a body that is not an upload */
  constructor(readonly usualBytes: number) {}

  /** Registers a route whose bodies are longer than usual. For the hook `onRoute`. */
  note({ method, url, bodyLimit = 0 }: Pick<RouteOptions, 'method' | 'url' | 'bodyLimit'>): void {
    if (bodyLimit <= this.usualBytes) return
    const path = new RegExp(`^${url.replaceAll(/:\w+/g, '[^/?]+')}(\\?|$)`)
    for (const one of [method].flat()) this.#forms.push({ method: one, path })
  }

  /** True if a request is for such a route. */
  has({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
    return this.#forms.some(form => form.method === method && form.path.test(url))
  }
}
