// Fake: none. Says of each second what must be on a recording, and what must not, by who was heard in it and who had agreed to what.
import type { Leg } from '../../../src/core/audio.js'
import { LEGS } from '../../../src/core/audio.js'
import type { Company } from './conversation-company.js'
import type { Consents } from './conversation-consents.js'
import type { Exchange, Phone } from './conversation-phones.js'
import { PARKING } from './conversation-phones.js'
import { MIDDLE, type StartedTape } from './conversation-tapes.js'

/** Why a side of a second must not be on a recording. */
interface Bar {
  kind: 'line' | 'party' | 'hold' | 'agent' | 'withdrawn'
  why: string
}

/** What is said of a second. */
interface Ruling {
  barred: Partial<Record<Leg, Bar>>
  /** The sides that must be there. */
  wanted: readonly Leg[]
}

interface Second {
  tape: StartedTape
  /** Of the tape: each is judged for itself. */
  purpose: string
  /** Since the tape began. */
  second: number
  /** Since the script began. */
  script: number
  ruling: Ruling
}

const NOTHING: Ruling = { barred: {}, wanted: [] }
const both = (bar: Bar): Ruling['barred'] => ({ caller: bar, agent: bar })

/**
 * Judges the recordings of a PBX. It knows the people, the lines and the rules of `docs/parties.md`, and nothing of the service but the tapes that it
 * had started and what they have in the end.
 */
export class ConversationOracle {
  /** Seconds that were judged. */
  readonly #seconds: Second[] = []
  /** Those of the time in which no service heard the PBX. */
  #unheard: Second[] = []
  /** How each tape was judged at its beginning. */
  #before = new Map<StartedTape, Map<string, Ruling>>()
  /** How many seconds of a side had to be there, or had not to, by why. */
  readonly counts = new Map<string, number>()

  constructor(
    private readonly exchange: Exchange,
    private readonly consents: Consents,
    private readonly company: Company,
  ) {}

  /** A second begins. @param tapes those that the PBX has started @param now ms since the epoch @param up whether a service hears the PBX */
  begin(tapes: readonly StartedTape[], now: number, script: number, up: boolean): void {
    for (const tape of tapes) {
      if (tape.destroyed || tape.started.on.gone) continue
      const second = (now - tape.started.at) / 1_000
      for (const purpose of tape.purposes) {
        const ruling = this.#ruleOn(tape, purpose)
        // Beside a pause, the first block of a later service is left out whole.
        const wanted = tape.fresh ? [] : ruling.wanted
        const one = { tape, purpose, second, script, ruling: { ...ruling, wanted } }
        if (up) this.#seconds.push(one)
        else this.#unheard.push(one)
      }
      tape.fresh = false
    }
  }

  /** The service is killed, or hears nothing more of the PBX. */
  killed(tapes: readonly StartedTape[]): void {
    const rulings = (tape: StartedTape) =>
      new Map(tape.purposes.map(purpose => [purpose, this.#ruleOn(tape, purpose)]))
    this.#before = new Map(tapes.map(tape => [tape, rulings(tape)]))
  }

  /**
   * The PBX was looked at. Of the time before that, everything is stored, or nothing if something bars the recording now. What
   * was paused stays so.
   */
  looked(): void {
    const begun = new Map<StartedTape, number>()
    for (const one of this.#unheard) {
      const { tape, purpose, ruling } = one
      const before = this.#before.get(tape)?.get(purpose) ?? NOTHING
      const now = tape.started.on.gone ? NOTHING : this.#ruleOn(tape, purpose)
      const isFirst = (begun.get(tape) ?? one.second) === one.second
      begun.set(tape, begun.get(tape) ?? one.second)
      const barred: Ruling['barred'] = {}
      for (const leg of LEGS) {
        const look = now.barred[leg]?.kind
        const bar = ruling.barred[leg]
        if (bar && (before.barred[leg] || look === 'party' || look === 'line')) barred[leg] = bar
      }
      const isWanted = (leg: Leg) =>
        !isFirst && [ruling, before, now].every(({ wanted }) => wanted.includes(leg))
      this.#seconds.push({ ...one, ruling: { barred, wanted: LEGS.filter(isWanted) } })
    }
    this.#unheard = []
  }

  /** @returns what is wrong with the first second that is not as it must be; undefined if all are */
  findBreach(): string | undefined {
    for (const { tape, purpose, second, script, ruling } of this.#seconds) {
      if (tape.destroyed) continue
      for (const leg of LEGS) {
        const { samples, middle } = tape.kept(purpose, leg, second)
        const bar = ruling.barred[leg]
        const wanted = ruling.wanted.includes(leg)
        if (bar) this.#count(bar.kind)
        if (wanted) this.#count(`wanted ${leg}`)
        const of = `in second ${script} the recording of ${tape.started.on.name} for ${purpose}`
        if (bar && samples > 0) return `${of} has the ${leg}'s side although ${bar.why}`
        if (wanted && middle < MIDDLE.to - MIDDLE.from) return `${of} lacks the ${leg}'s side for nothing`
      }
    }
    return undefined
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  #ruleOn(tape: StartedTape, purpose: string): Ruling {
    if (!tape.recording || !tape.running.has(purpose))
      return { barred: both({ kind: 'withdrawn', why: 'it was withdrawn' }), wanted: [] }
    const phone = tape.started.on
    const only = new Set([purpose])
    const strict = this.#barsFor(phone, only, true)
    const wanted = this.#isDoubtful(phone) ? [] : LEGS.filter(leg => !strict[leg])
    const barred = wanted.length === LEGS.length ? {} : this.#barsFor(phone, only)
    return { barred, wanted }
  }

  /** @param strict bars also what the service need not know to be allowed */
  #barsFor(phone: Phone, purposes: ReadonlySet<string>, strict = false): Ruling['barred'] {
    const consent = this.consents.of(phone)
    const { agreed, line } = consent
    if (consent.paused) return both({ kind: 'agent', why: 'an agent paused it' })
    const own = [...purposes].find(purpose => !agreed.has(purpose))
    if (own) return both({ kind: 'line', why: `its caller has not agreed to ${own} on ${line?.number}` })
    if (line?.onHold === 'pause' && this.#isHeld(phone, strict))
      return both({ kind: 'hold', why: 'its caller is on hold, or waits' })
    const why = this.#outsiderIn(phone, purposes, strict)
    if (!why) return {}
    // Behind a `Local` channel others may be heard on the caller's side.
    const isAlone = phone.side !== 'local' && !(strict && (!phone.room || phone.room === PARKING))
    const bar: Bar = { kind: 'party', why }
    return line?.onOutsider === 'own-side' && isAlone ? { agent: bar } : both(bar)
  }

  /** Somebody from outside who can be heard and has not agreed. */
  #outsiderIn(phone: Phone, purposes: ReadonlySet<string>, strict: boolean): string | undefined {
    const { agreed } = this.consents.of(phone)
    for (const purpose of purposes) {
      const wanted = agreed.get(purpose)!
      for (const one of this.exchange.heard(phone)) {
        const consent = this.consents.of(one)
        if (this.company.isColleague(phone, one) || this.#areOne(phone, one, strict)) continue
        const behind = this.exchange.links.filter(({ answered }) => answered?.by === one)
        const through = strict
          ? behind.filter(({ answered }) => answered!.known && !consent.hasCall).slice(-1)
          : behind
        const speaks = [consent, ...through.map(({ far }) => this.consents.of(far))]
        const agrees = speaks.some(each => each.agreesTo(purpose, wanted))
        if (!agrees) return `${one.name} has not agreed to ${purpose}`
      }
      // A call that was answered on a `Local` channel counts for whoever speaks through it.
      for (const { far } of strict ? this.exchange.linksNear(phone) : []) {
        if (this.#areOne(phone, far, strict)) continue
        const consent = this.consents.of(far)
        if (consent.own.size > 0 && !consent.agreesTo(purpose, wanted)) return `${far.name} does not agree`
      }
    }
    return undefined
  }

  /** Whether one is the half of a `Local` channel on which the other was asked. @param strict only where the service has seen it */
  #areOne(phone: Phone, other: Phone, strict: boolean): boolean {
    const isHalfOf = (far: Phone, person: Phone) =>
      this.exchange.links.some(
        link => link.far === far && link.answered?.by === person && (!strict || link.answered.known),
      )
    return isHalfOf(phone, other) || isHalfOf(other, phone)
  }

  /** Whether nobody talks with a caller: nobody is there, or one side holds. @param strict whether that is possible */
  #isHeld(phone: Phone, strict: boolean): boolean {
    // Of colleagues, the service hears only when they have answered.
    const isSeen = (one: Phone) => !strict || one !== phone.dials?.phone || !phone.dials.isColleague
    const heard = this.exchange.heard(phone).filter(isSeen)
    const links = this.exchange.linksNear(phone)
    const isAlone = heard.length === 0 && (strict || (links.length === 0 && phone.side !== 'local'))
    const holds = (one: Phone) => one.holds
    const areHolding = heard.length > 0 && heard.every(holds) && (strict || links.length === 0)
    return phone.holds || isAlone || areHolding
  }

  /** Whether the service may know too little of somebody to record them. */
  #isDoubtful(phone: Phone): boolean {
    return [phone, ...this.exchange.heard(phone)].some(one => this.consents.of(one).doubtful)
  }
}
