import type { RouteOptions } from 'fastify'

/**
 * The addresses of pages, and those that only accept a form. A person who types or reloads the latter, such as after a
 * refusal shown there, is redirected to the page above.
 */
export class FormAddresses {
  readonly #pages: { url: string; path: RegExp }[] = []
  readonly #forms: { url: string; path: RegExp }[] = []

  /** Registers a route. For the hook `onRoute`. */
  note({ method, url }: Pick<RouteOptions, 'method' | 'url'>): void {
    const path = new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+')}$`)
    for (const one of [method].flat()) (one === 'GET' ? this.#pages : this.#forms).push({ url, path })
  }

  /**
   * Finds the page above an address.
   *
   * @param address path and query of a GET
   * @returns its path. Undefined unless the address only accepts a form
   */
  pageAbove(address: string): string | undefined {
    const path = address.replace(/[?#].*$/, '')
    const form = this.#forms.find(one => one.path.test(path))
    if (!form || this.#pages.some(({ url }) => url === form.url)) return undefined
    let above = path
    do above = above.replace(/\/[^/]*$/, '')
    while (above !== '' && !this.#pages.some(one => one.path.test(above)))
    return above || '/'
  }
}
