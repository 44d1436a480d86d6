import type { Test } from 'tap'

/** An event of a stream (WHATWG HTML section 9.2.6). */
export interface StreamedEvent {
  event: string
  data: string
}

/** A connection to a stream of events. */
export interface EventStream {
  status: number
  headers: Headers
  /** Waits for the next event that fits, and drops those before it. @returns undefined if the stream ends first */
  next(fits?: (event: StreamedEvent) => boolean): Promise<StreamedEvent | undefined>
  close(): void
}

/** Connects to a stream of events. It ends with the test. */
export async function openStream(
  t: Test,
  url: string,
  headers: Record<string, string>,
): Promise<EventStream> {
  const ending = new AbortController()
  t.teardown(() => ending.abort())
  const answer = await fetch(url, { headers, signal: ending.signal, redirect: 'manual' })
  const events = answer.ok ? readEvents(answer.body!) : undefined
  return {
    ...{ status: answer.status, headers: answer.headers },
    async next(fits = () => true) {
      for (;;) {
        const { value, done } = (await events?.next().catch(() => undefined)) ?? { done: true }
        if (done || !value) return undefined
        if (fits(value)) return value
      }
    },
    close: () => ending.abort(),
  }
}

/** Reads the events of a stream. */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const fields = block.split('\n').map(line => /^(\w+):(?: (.*))?$/.exec(line)!)
      const value = (name: string) => fields.find(([, field]) => field === name)?.[2]
      const data = value('data')
      if (fields.some(([, field]) => field === 'data'))
        yield { event: value('event') ?? 'message', data: data ?? '' }
    }
  }
}
