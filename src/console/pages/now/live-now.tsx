import { Readable } from 'node:stream'
import { openAmong } from '../../../accounts/sessions.js'
import { codeOf } from '../../../core/errors.js'
import type { SessionId } from '../../../core/ids.js'
import { withDeadline } from '../../../lib/deadline.js'
import { sleep } from '../../../lib/retry.js'
import { type Feed, inParts, PresentFeed } from '../../../recordings/calls/present.js'
import { readAttention } from '../../../site/attention.js'
import type { ConsoleDeps } from '../../deps.js'
import { Refusal, unanswered } from '../../problem.js'
import { serviceState } from '../../service-state.js'
import { htmlOf } from '../html-of.js'
import type { View } from '../view.js'
import { wordsIn } from '../words/words.js'
import { midnight } from '../zone.js'
import { missingIn } from './missing.js'
import { PART_MS, partsOf } from './now-content.js'

/** Interval of checks of sessions and the journal, ms. So a revoked session loses the page within a second. */
const TURN_MS = 500
/** Longest turn, ms. It usually takes some milliseconds. */
const TURN_LIMIT_MS = 5_000
/**
 * How long viewers stay connected while all turns fail, ms. A restart of the database takes some seconds, and a
 * reconnecting page costs it more than a waiting one. Meanwhile nothing new is shown, because the viewers' sessions
 * cannot be checked.
 */
const ENDURED_MS = 30_000
/** Time after which an unfinished turn is abandoned, ms: its connection may be dead while others work. */
const GIVEN_UP_MS = 120_000
/** Interval of questions to the service about its state, ms. */
const SURVEY_MS = 5_000
/** Most connections of a session: tabs that are visible at once. */
const MAX_OF_SESSION = 6
/** Most connections of all. Each holds one of the console's connections, see `MAX_CONNECTIONS` in app.ts. */
const MAX_VIEWERS = 128

/** The facts that decide which variant of the page a viewer gets. */
interface Variant {
  view: View
  /** True if the viewer may complete the setup. */
  mayChange: boolean
  /** True if the viewer may have a caller asked in a conversation. */
  mayAsk: boolean
}

/** The service's state, unfinished setup, and the operator's tasks. */
type Survey = Awaited<ReturnType<typeof survey>>

/** Keeps the pages of all viewers live. Data is read once for all of them, and rendered once for all equal pages. */
export class LiveNow {
  readonly #deps: ConsoleDeps
  readonly #viewers = new Set<Viewer>()
  readonly #pages = new Map<string, { variant: Variant; page: LivePage }>()
  readonly #ending = new AbortController()
  #feed: PresentFeed
  #survey: { at: number; found: Survey } | undefined
  /** The unfinished turn, and its start. The next turn waits for it, so that a hanging database holds few queries. */
  #turning: { done: Promise<void>; since: number } | undefined
  #running: Promise<void> | undefined

  constructor(deps: ConsoleDeps) {
    this.#deps = deps
    this.#feed = new PresentFeed(deps)
  }

  /** Adds a viewer of a session. @returns the body of the answer @throws Refusal if there are too many viewers */
  join(session: SessionId, variant: Variant): Viewer {
    const own = [...this.#viewers].filter(viewer => viewer.session === session)
    if (own.length >= MAX_OF_SESSION || this.#viewers.size >= MAX_VIEWERS || this.#ending.signal.aborted)
      throw new Refusal(429, 'Too many pages are being kept up to date: close some of them.')
    const viewer = new Viewer(session, this.#pageWith(variant))
    this.#viewers.add(viewer)
    viewer.once('close', () => this.#viewers.delete(viewer))
    this.#running ??= this.#run()
    return viewer
  }

  /** Ends all connections. */
  async end(): Promise<void> {
    this.#ending.abort()
    this.#endViewers()
    await this.#running
  }

  #pageWith({ view: given, mayChange, mayAsk }: Variant): LivePage {
    // Fields without effect on these parts do not make a separate page.
    const view = { ...given, isChosen: false, theme: undefined }
    const key = `${view.language} ${view.locale} ${view.zone} ${mayChange} ${mayAsk}`
    const known = this.#pages.get(key)
    if (known) return known.page
    const page = new LivePage()
    this.#pages.set(key, { variant: { view, mayChange, mayAsk }, page })
    return page
  }

  #endViewers(): void {
    for (const viewer of this.#viewers) viewer.end()
    this.#viewers.clear()
  }

  /** Runs while there are viewers. They stay after a failed turn, because the next one may succeed. */
  async #run(): Promise<void> {
    const { clock, log } = this.#deps
    const { signal } = this.#ending
    let upToDateAt = clock.elapsed()
    let isFailing = false
    while (this.#viewers.size > 0 && !signal.aborted) {
      const failure = await this.#tryTurn()
      if (!failure) {
        upToDateAt = clock.elapsed()
        isFailing = false
      } else if (clock.elapsed() - upToDateAt >= ENDURED_MS) {
        log.error(failure, 'live pages are not kept up to date: their connections end')
        this.#endViewers()
        break
      } else {
        if (!isFailing) log.warn(failure, 'live pages are not kept up to date')
        isFailing = true
        this.#sayOld()
      }
      await sleep(clock, TURN_MS, signal)
    }
    // A later viewer must not get outdated parts first.
    this.#pages.clear()
    this.#feed = new PresentFeed(this.#deps)
    this.#running = undefined
  }

  /**
   * Returns why the turn failed, for the log. The message of an error is left out: it may quote data of the database.
   */
  async #tryTurn(): Promise<{ kind: string; code: string | undefined } | undefined> {
    const { clock } = this.#deps
    const before = this.#turning
    const isLeft = before !== undefined && clock.elapsed() - before.since < GIVEN_UP_MS
    const turning = isLeft ? before : this.#beginTurn()
    try {
      await withDeadline(turning.done, { clock, ms: TURN_LIMIT_MS, error: unanswered })
      return undefined
    } catch (error) {
      return { kind: (error as Error).name, code: codeOf(error) }
    }
  }

  #beginTurn() {
    const turning = { done: this.#turn(), since: this.#deps.clock.elapsed() }
    const over = () => {
      if (this.#turning === turning) this.#turning = undefined
    }
    turning.done.then(over, over)
    this.#turning = turning
    return turning
  }

  /** Has all pages mark their content as outdated. */
  #sayOld(): void {
    for (const { page } of this.#pages.values()) page.isOld = true
    for (const viewer of this.#viewers) viewer.offer()
  }

  async #turn(): Promise<void> {
    const { clock } = this.#deps
    const begun = clock.elapsed()
    await this.#dismiss()
    this.#forgetUnseen()
    const now = clock.now()
    const pages = [...this.#pages.values()]
    if (pages.length === 0) return
    const since = Math.min(...pages.map(({ variant }) => midnight(now, variant.view.zone)))
    const anyway = pages.some(({ page }) => page.turn === 0 || page.isOld)
    const feed = await this.#feed.next(since, anyway)
    if (!feed) return
    if (!this.#survey || now - this.#survey.at >= SURVEY_MS)
      this.#survey = { at: now, found: await survey(this.#deps) }
    // Sessions of viewers may have ended during a slow turn.
    if (clock.elapsed() - begun >= TURN_LIMIT_MS) throw unanswered()
    const alike = new Map<string, string>()
    for (const { variant, page } of pages)
      page.update(now, pageHtml(feed, this.#survey.found, variant, now, alike))
    for (const viewer of this.#viewers) viewer.offer()
  }

  /** Ends the connections of sessions that have ended. */
  async #dismiss(): Promise<void> {
    const watching = [...this.#viewers]
    const open = await openAmong(this.#deps, [...new Set(watching.map(({ session }) => session))])
    for (const viewer of watching) {
      if (open.has(viewer.session) || !this.#viewers.delete(viewer)) continue
      viewer.signOut()
    }
  }

  #forgetUnseen(): void {
    const seen = new Set([...this.#viewers].map(({ page }) => page))
    for (const [key, { page }] of this.#pages) if (!seen.has(page)) this.#pages.delete(key)
  }
}

async function survey(deps: ConsoleDeps) {
  const stating = serviceState(deps.config)
  const setUp = await missingIn(deps)
  const attention = await readAttention(deps)
  return { service: await stating, ...setUp, attention }
}

/** Parts that depend only on the language and on the right to ask, not on the time zone or other rights. */
const ALIKE = new Set(['now-headline', 'now-calls'])

/**
 * Renders the parts of the page as HTML, by the ids of their elements.
 *
 * @param alike this turn's rendered parts of `ALIKE`, by language, right to ask and id
 */
function pageHtml(
  feed: Feed,
  survey: Survey,
  { view, mayChange, mayAsk }: Variant,
  now: number,
  alike: Map<string, string>,
): Record<string, string> {
  const since = midnight(now, view.zone)
  const present = { ...feed, counts: inParts(feed.counts, since, PART_MS) }
  const words = wordsIn(view.language)
  const parts = partsOf({ present, ...survey, mayChange, mayAsk, words, view, now, since, live: true })
  const render = (id: string, part: (typeof parts)[keyof typeof parts]): string => {
    const key = `${view.language} ${mayAsk} ${id}`
    const html = alike.get(key) ?? htmlOf(part)
    if (ALIKE.has(id)) alike.set(key, html)
    return html
  }
  return Object.fromEntries(Object.entries(parts).map(([id, part]) => [id, render(id, part)]))
}

/** Wait of a browser before it connects again, ms. */
const RETRY_MS = 3_000

/** The events for one browser (WHATWG HTML section 9.2). A slow browser gets all missed changes in one event. */
class Viewer extends Readable {
  #seen = 0
  #wanting = false
  #toldOld = false

  constructor(
    readonly session: SessionId,
    readonly page: LivePage,
  ) {
    // Holds one byte: the next event is made only after the former one was sent.
    super({ highWaterMark: 1 })
    this.push(`retry: ${RETRY_MS}\n\n`)
  }

  override _read(): void {
    this.#wanting = true
    this.offer()
  }

  /** Sends the changes, or that the content is outdated, unless the browser still reads the former event. */
  offer(): void {
    const { isOld, turn } = this.page
    if (!this.#wanting || (isOld ? this.#toldOld : turn === this.#seen)) return
    this.#wanting = false
    this.#toldOld = isOld
    if (isOld) {
      this.push('event: old\ndata:\n\n')
      return
    }
    const event = this.page.eventSince(this.#seen)
    this.#seen = turn
    this.push(event)
  }

  /** Ends the stream because the session has ended. The browser goes to the sign-in. */
  signOut(): void {
    this.push('event: signed-out\ndata:\n\n')
    this.push(null)
  }

  /** Ends the stream. The browser connects again. */
  end(): void {
    this.push(null)
  }
}

/** The present content of a page in one language and time zone. All its viewers share it. */
export class LivePage {
  /** The HTML of each part, by its id, and the turn in which it changed. */
  readonly #parts = new Map<string, { html: string; changed: number }>()
  /** The events of this turn, by the last turn that a browser has seen. */
  readonly #events = new Map<number, Buffer>()
  /** True if the last turn has failed, so that the content may be outdated. */
  isOld = false
  #at = 0
  #turn = 0

  /** How often it was updated. */
  get turn(): number {
    return this.#turn
  }

  /** @param at ms since the epoch @param parts HTML by the ids of the elements that it replaces */
  update(at: number, parts: Readonly<Record<string, string>>): void {
    this.isOld = false
    this.#at = at
    this.#turn += 1
    this.#events.clear()
    for (const [id, html] of Object.entries(parts))
      if (this.#parts.get(id)?.html !== html) this.#parts.set(id, { html, changed: this.#turn })
  }

  /** The event for a browser that has seen a turn: the parts that have changed since. */
  eventSince(turn: number): Buffer {
    const known = this.#events.get(turn)
    if (known !== undefined) return known
    const changed = [...this.#parts].filter(([, part]) => part.changed > turn)
    const parts = Object.fromEntries(changed.map(([id, { html }]) => [id, html]))
    const made = Buffer.from(`data: ${JSON.stringify({ at: this.#at, parts })}\n\n`)
    this.#events.set(turn, made)
    return made
  }
}
