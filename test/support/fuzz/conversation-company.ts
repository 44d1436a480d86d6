// Fake: none. Who counts as a colleague of a caller, by `docs/parties.md`, "Inside and outside".
import type { LinePolicy } from '../../../src/core/policy.js'
import type { Consents } from './conversation-consents.js'
import type { Exchange, Link, Phone } from './conversation-phones.js'

/** Whom a caller has reached. */
interface Reached {
  /** Those who were the first after a line. */
  readonly first: Set<Phone>
  /** Whoever speaks through the `Local` channel that came to the line is the caller, whom nobody reaches. */
  readonly behind: readonly Phone[]
  /** Those who are there. */
  there: ReadonlySet<Phone>
  /** Whether the caller was on a line, and has reached nobody since, as far as anybody knows. */
  isOpen: boolean
}

/** The company of one script. Either a setting names its phones, or nothing says who is of the company. */
export class Company {
  /** How often somebody was the first, and came later. */
  readonly counts = { 'reached first': 0, 'came later': 0 }
  readonly #of = new Map<Phone, Reached>()
  /** Those who have answered through a `Local` channel, as far as the service knows. */
  readonly #answered = new Set<Phone>()

  /** @param isNamed whether the setting names the phones */
  constructor(
    private readonly isNamed: boolean,
    private readonly exchange: Exchange,
    private readonly consents: Consents,
  ) {
    if (!isNamed) exchange.onMoved = () => this.#look()
  }

  /** Whether the setting names a phone, so that it is never asked. */
  names({ side }: Phone): boolean {
    return this.isNamed && side === 'inside'
  }

  /** Whether somebody who can be heard counts as a colleague of a caller. */
  isColleague(caller: Phone, one: Phone): boolean {
    if (this.isNamed) return one.side === 'inside'
    if (this.#hasAnswered(one)) return false
    if (caller.dials?.phone === one) return caller.dials.isColleague
    return this.#of.get(caller)?.first.has(one) === true
  }

  /** Whether somebody counts so who is dialled for a caller, and is heard before answering: nobody else was reached. */
  isColleagueEarly(caller: Phone, whom: Phone): boolean {
    if (this.isNamed) return whom.side === 'inside'
    return this.#of.get(caller)?.isOpen === true && !this.#hasAnswered(whom)
  }

  /** The lines on which somebody may be asked: of those who agreed, are with that person, and for whom that one is no colleague. */
  linesAsking(person: Phone): LinePolicy[] {
    const { consents, exchange } = this
    const near = exchange.phones.filter(one => exchange.heard(one).includes(person))
    const agreed = near.filter(one => consents.of(one).given.length > 0 && !this.isColleague(one, person))
    return [...new Set(agreed.flatMap(one => consents.of(one).line ?? []))]
  }

  /** A caller comes to a line. */
  arrived(caller: Phone): void {
    const behind = this.exchange.heard(caller)
    const first = this.#of.get(caller)?.first ?? new Set()
    this.#of.set(caller, { first, behind, there: new Set(behind), isOpen: true })
  }

  /** Questions were answered through a `Local` channel, or not. */
  answeredBehind({ far, answered }: Link): void {
    if (answered && this.consents.of(far).own.size > 0) this.#answered.add(answered.by)
  }

  /** Nobody hears the PBX for some time. */
  lost(): void {
    for (const reached of this.#of.values()) reached.isOpen = false
  }

  /** The service is killed. The next one knows of nobody whether they were the first. Whoever is asked comes to a line again. */
  killed(): void {
    this.#answered.clear()
    for (const [caller, reached] of this.#of) {
      reached.first.clear()
      reached.isOpen = caller.asking !== undefined
    }
  }

  /** By the answer, and not by who came first, somebody is judged who was asked, or came to a line. */
  #hasAnswered(one: Phone): boolean {
    return this.consents.of(one).hasCall || this.#answered.has(one)
  }

  /** Somebody has moved. */
  #look(): void {
    for (const [caller, reached] of this.#of) {
      if (caller.gone) continue
      const there = this.exchange.heard(caller).filter(one => one !== caller.dials?.phone)
      const come = there.filter(one => !reached.there.has(one) && !reached.behind.includes(one))
      reached.there = new Set(there)
      if (come.length === 0) continue
      const isFirst = reached.isOpen && come.length === 1
      reached.isOpen = false
      if (isFirst) reached.first.add(come[0]!)
      this.counts[isFirst ? 'reached first' : 'came later'] += 1
    }
  }
}
