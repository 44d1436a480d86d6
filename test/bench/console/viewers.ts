import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { Visitor } from './visitors.js'

/** Views of the visitors: the page is rendered once for each. */
const VIEWS = [
  'language=ru&zone=Europe%2FMoscow',
  'language=en&zone=UTC',
  'language=ru&zone=Asia%2FVladivostok',
]

/** Browsers with the live page open. */
export interface Viewers {
  /** How many events each has got. */
  readonly events: readonly number[]
  /** How many are connected. */
  readonly connected: number
  close(): void
}

/** Opens the live page's stream of events in so many browsers. @throws Error if one is refused */
export async function openViewers(
  origin: string,
  visitors: readonly Visitor[],
  count: number,
): Promise<Viewers> {
  const agent = new Agent({ keepAlive: false, maxSockets: count })
  const events = Array.from({ length: count }, () => 0)
  let connected = 0
  for (const i of events.keys()) {
    const { cookie, ...headers } = visitors[i % visitors.length]!
    const view = `consentry-view=${VIEWS[i % VIEWS.length]}`
    const sent = request(`${origin}/now/events`, {
      agent,
      headers: { ...headers, cookie: `${cookie}; ${view}`, accept: 'text/event-stream' },
    }).end()
    const [answer] = await once(sent, 'response')
    if (answer.statusCode !== 200) throw new Error(`a viewer was refused: ${answer.statusCode}`)
    connected += 1
    answer.setEncoding('utf8')
    answer.on('data', (text: string) => {
      events[i]! += text.split('\n\n').filter(event => event.startsWith('data:')).length
    })
    answer.on('close', () => {
      connected -= 1
    })
    answer.on('error', () => {})
  }
  return {
    events,
    get connected() {
      return connected
    },
    close: () => agent.destroy(),
  }
}
