import type { Readable } from 'node:stream'

/** An answer that is not the JSON of its route's schema: a page, or a redirection to one. */
export class Answer {
  constructor(
    readonly status: number,
    readonly headers: Readonly<Record<string, string>>,
    readonly body: string | Buffer | Readable,
  ) {}

  /** Redirects the browser to another page, which it gets by GET (RFC 9110, 303). */
  static seeOther(address: string, headers: Record<string, string> = {}): Answer {
    return new Answer(303, { ...headers, location: address }, '')
  }
}
