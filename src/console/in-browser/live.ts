// Keeps a page up to date while it is visible: the server sends the parts that have changed. Hidden pages are not kept up to date,
// because a browser has six connections for all of them.
import { clockTime } from '../pages/parts/clock-time.js'

/** The library of `movement.js`, which runs first. Its policy of trusted types lets it make elements from text. */
declare const htmx: {
  swap(swap: { text: string; target: Element; sourceElement: Element; swap: string }): Promise<void>
}

/** An event: the server's time, ms since the epoch, and HTML by the ids of the elements that it replaces. */
interface Update {
  at: number
  parts: Record<string, string>
}

/** Time after the last event until the page is dimmed, ms. The server sends an event at least every five seconds. */
const DIM_MS = 10_000
/** First and longest wait before a refused connection is tried again, ms. */
const AGAIN_MS = { first: 5_000, longest: 60_000 }
/** The status of a refusal because too many pages are kept up to date. */
const TOO_MANY = 429

const live = document.getElementById('live')
const silent = document.getElementById('now-silent')
const old = document.getElementById('now-old')
const crowded = document.getElementById('now-crowded')
if (live && silent && old && crowded) keepUpToDate(live, { silent, old, crowded })

/** The notices of a page that is not live, and the reason. */
type Notice = 'silent' | 'old' | 'crowded'

function keepUpToDate(live: HTMLElement, notices: Record<Notice, HTMLElement>): void {
  const address = live.dataset['events']!
  let source: EventSource | undefined
  let heardAt = performance.now()
  /** True if the present state is unknown. */
  let isSilent = false
  /** The reason that the console reports: that the content is outdated, or that too many pages are live. */
  let reason: Exclude<Notice, 'silent'> | undefined
  /** How far the server's clock is ahead of this page's `performance.now()`, ms. */
  let ahead = Number(live.dataset['at']) - heardAt
  let againMs = AGAIN_MS.first
  let again: ReturnType<typeof setTimeout> | undefined

  const open = () => {
    clearTimeout(again)
    if (source || document.hidden) return
    const opened = new EventSource(address)
    source = opened
    opened.addEventListener('message', ({ data }) => void update(JSON.parse(data) as Update))
    opened.addEventListener('signed-out', () => location.reload())
    opened.addEventListener('old', () => say({ isSilent, reason: 'old' }))
    opened.addEventListener('error', () => {
      const isRefused = opened.readyState === EventSource.CLOSED
      say({ isSilent: true, reason: isRefused && reason === 'crowded' ? reason : undefined })
      // The browser reopens a lost connection, but not a refused one.
      if (!isRefused) return
      source = undefined
      again = setTimeout(() => void retry(), againMs)
      againMs = Math.min(2 * againMs, AGAIN_MS.longest)
      void askWhy()
    })
  }

  /** Checks first whether the visitor may still see the page. If not, the browser goes to the sign-in. */
  const retry = async () => {
    const page = await fetch(location.pathname, { redirect: 'manual' }).catch(() => undefined)
    if (page?.type === 'opaqueredirect') location.reload()
    else open()
  }

  /** Finds why a connection was refused, because the browser does not report it. */
  const askWhy = async () => {
    const asked = new AbortController()
    const answer = await fetch(address, { redirect: 'manual', signal: asked.signal }).catch(() => undefined)
    // If a place has become free by now, this connection would take it.
    asked.abort()
    if (!source && isSilent) say({ isSilent, reason: answer?.status === TOO_MANY ? 'crowded' : undefined })
  }

  const close = () => {
    source?.close()
    source = undefined
    clearTimeout(again)
  }

  /** Shows why there is no newer content. If the present state is unknown, the heading must not show the former one. */
  const say = (known: { isSilent: boolean; reason: typeof reason }) => {
    ;({ isSilent, reason } = known)
    const shown: Notice | undefined = reason ?? (isSilent ? 'silent' : undefined)
    for (const [name, notice] of Object.entries(notices)) notice.hidden = name !== shown
    for (const [id, isHidden] of [
      ['now-unknown', !isSilent],
      ['now-headline', isSilent],
    ] as const)
      document.getElementById(id)?.toggleAttribute('hidden', isHidden)
  }

  const update = async ({ at, parts }: Update) => {
    heardAt = performance.now()
    ahead = at - heardAt
    againMs = AGAIN_MS.first
    for (const [id, text] of Object.entries(parts)) {
      const target = document.getElementById(id)
      if (target) await htmx.swap({ text, target, sourceElement: target, swap: 'outerMorph' })
    }
    say({ isSilent: false, reason: undefined })
    tick()
  }

  /** Counts the durations of calls, and dims the page after a time without events. */
  const tick = () => {
    const now = performance.now()
    for (const cell of live.querySelectorAll<HTMLElement>('[data-started]'))
      cell.textContent = clockTime(now + ahead - Number(cell.dataset['started']))
    const isPast = now - heardAt > DIM_MS
    if (isPast) say({ isSilent: true, reason })
    live.classList.toggle('silent', isPast)
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
  // A page that the browser keeps for "back" must not hold a connection.
  addEventListener('pagehide', close)
  addEventListener('pageshow', open)
  setInterval(tick, 1_000)
  open()
}
