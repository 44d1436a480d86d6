// Fake: a PBX with people who talk, and a script of what they do. Real: the service, see `conversation-service.ts`.
import { FakeClock, runPendingWork } from '../fakes/fake-clock.js'
import { Company } from './conversation-company.js'
import { Consents } from './conversation-consents.js'
import { lineOf } from './conversation-lines.js'
import { at, describe, type Move, type MoveOf, type Script, talkative } from './conversation-moves.js'
import { ConversationOracle } from './conversation-oracle.js'
import { type Exchange, PARKING, type Phone, ROOMS } from './conversation-phones.js'
import { ModelService } from './conversation-service.js'
import { isStarted, type StartedTape } from './conversation-tapes.js'

const SECOND_MS = 1_000
/** What somebody does of which nothing comes without a service. */
type HeardMove = 'call' | 'ask' | 'hold' | 'withdraw' | 'pause-key' | 'consult'

/** The PBX of one script, the service beside it, and what is recorded of its people. */
export class World {
  /** What happened, line by line, if that is wanted. */
  readonly lines: string[] = []
  readonly #done = { asked: 0, early: 0, restarts: 0, lost: 0, consulted: 0 }
  readonly consents: Consents
  readonly company: Company
  readonly oracle: ConversationOracle
  readonly service: ModelService
  readonly #clock = new FakeClock()
  readonly #exchange: Exchange
  /** The second that has begun. */
  #now = 0
  /** For how many seconds nothing is heard of the PBX. */
  #away = 0

  /** @param tells whether to write down what happens, which takes long */
  constructor(
    private readonly script: Script,
    private readonly tells = false,
  ) {
    const { isNamed } = script
    this.consents = new Consents(
      phone => this.company.names(phone),
      phone => this.company.linesAsking(phone),
    )
    this.service = new ModelService(this.#clock, isNamed, (phone, media) => this.#hears(phone, media))
    this.#exchange = this.service.exchange
    this.company = new Company(isNamed, this.#exchange, this.consents)
    this.oracle = new ConversationOracle(this.#exchange, this.consents, this.company)
  }

  /**
   * Plays the script. One move comes each second.
   *
   * @returns what is wrong, and in which second, if anything is
   */
  async play(): Promise<string | undefined> {
    if (!this.script.isNamed) this.#tell(() => 'nothing says who is of the company')
    await this.service.start()
    for (const move of this.script.moves) {
      await this.#second(move)
      if (this.consents.faults.length > 0) break
    }
    if (!this.service.up) this.#away = 1
    await this.#second()
    await this.#pass()
    const [fault] = this.consents.faults
    return fault ?? this.oracle.findBreach()
  }

  /** How often something happened that a script is there for. */
  get counts(): [what: string, times: number][] {
    const paused = [...this.service.tapes.counts].map(([why, n]): [string, number] => [`paused: ${why}`, n])
    const { company, consents, oracle } = this
    const done = { ...this.#done, ...consents.counts, ...company.counts }
    return [...Object.entries(done), ...oracle.counts, ...paused]
  }

  /** A second passes, and what was said in it comes. The service may be away no longer. */
  async #pass(): Promise<void> {
    const { service } = this
    const timers = this.#clock.timers
    this.#clock.advance(SECOND_MS)
    if (this.#clock.timers !== timers) await runPendingWork()
    for (const tape of this.#started) tape.hear(this.#clock.now(), service.runs)
    if (!service.up && --this.#away === 0) await this.#start()
  }

  /** A second passes, and another one begins: somebody does something. */
  async #second(move?: Move): Promise<void> {
    await this.#pass()
    this.#now += 1
    if (move) await this.#carryOut(move)
    await runPendingWork()
    if (this.service.up) this.consents.checkBegun(phone => this.#recordedOn(phone))
    this.oracle.begin(this.#started, this.#clock.now(), this.#now, this.service.up)
  }

  #tell(line: () => string): void {
    if (this.tells) this.lines.push(`${this.#now}: ${line()}`)
  }

  /** The purposes for which a call is recorded. */
  #recordedOn(phone: Phone): string[] {
    const own = this.#started.filter(({ started, recording }) => started.on === phone && recording)
    return own.flatMap(({ running }) => [...running])
  }

  get #started(): StartedTape[] {
    return this.service.tapes.all.filter(isStarted)
  }

  /** The service hears the PBX again, or the next one does. */
  async #start(): Promise<void> {
    const { service, consents } = this
    this.#tell(() => (service.runs ? 'the PBX is heard again' : 'the next service starts'))
    if (!service.runs)
      for (const [, consent] of consents.all) if (consent.hasCall) consent.version = String(service.version)
    // Somebody may be asked as soon as the service has looked.
    this.oracle.looked()
    await (service.runs ? service.connect() : service.start())
    await runPendingWork()
  }

  /** The connection is lost while nobody is asked. */
  #lose({ away }: MoveOf<'lose'>): void {
    const { phones } = this.#exchange
    if (!this.service.up || phones.some(({ asking, gone }) => asking !== undefined && !gone)) return
    this.#done.lost += 1
    this.#tell(() => `the PBX is not heard for ${away} s`)
    for (const phone of phones) phone.holds = false
    this.oracle.killed(this.#started)
    this.company.lost()
    this.service.lose()
    this.#away = away
  }

  async #kill({ away }: MoveOf<'restart'>): Promise<void> {
    const { service } = this
    if (!service.up) return
    this.#done.restarts += 1
    this.#tell(() => `the service is killed, and the next one comes after ${away} s`)
    this.oracle.killed(this.#started)
    this.company.killed()
    service.kill()
    for (const phone of this.#exchange.phones) {
      phone.holds = false
      if (phone.dials) phone.dials.known = false
      // Whoever is asked again answers.
      if (phone.asking !== undefined) phone.moods = { service: 'yes', marketing: 'yes' }
    }
    for (const link of this.#exchange.links) if (link.answered) link.answered.known = false
    for (const [phone, consent] of this.consents.all)
      consent.recovered(this.#recordedOn(phone), phone.asking !== undefined)
    this.#away = away
    if (away === 0) await this.#start()
  }

  async #carryOut(move: Move): Promise<void> {
    const { service } = this
    if (move.do === 'restart') return this.#kill(move)
    if (move.do === 'lose') return this.#lose(move)
    if (move.do === 'publish') {
      service.version += 1
      this.#tell(() => `all prompts have version ${service.version}`)
      return
    }
    if (move.do === 'link') return this.#link(at(ROOMS, move.room), at(ROOMS, move.other))
    if (move.do === 'unlink') return this.#unlink(move.which)
    const phone = at(this.#people, move.who)
    if (phone.gone || (phone.asking !== undefined && move.do !== 'hang-up')) return
    const isDialled = this.#people.some(one => one.dials?.phone === phone)
    if (isDialled && move.do !== 'hang-up') return
    this.#tell(() => `${phone.name}: ${describe(move)}`)
    if (move.do === 'dialled') return this.#dialled(phone, move)
    if (['join', 'park', 'call', 'dial'].includes(move.do)) this.#exchange.endDial(phone, 'over')
    if (move.do === 'join') {
      phone.moods = move.moods
      this.#exchange.move(phone, at(ROOMS, move.room), move.swap)
    } else if (move.do === 'park') this.#exchange.move(phone, PARKING, false)
    else if (move.do === 'leave') this.#exchange.leave(phone)
    else if (move.do === 'hang-up') this.#exchange.hangUp(phone)
    else if (move.do === 'dial') this.#dial(phone, at(this.#exchange.phones, move.whom))
    else if (service.up) await this.#withService(phone, move)
    else this.#tell(() => '… which no service hears')
  }

  async #withService(phone: Phone, move: MoveOf<HeardMove>): Promise<void> {
    if (move.do === 'hold') this.#exchange.hold(phone)
    else if (move.do === 'call') this.#call(phone, move)
    else if (move.do === 'consult') await this.#consult(phone, move)
    else if (move.do === 'withdraw') {
      this.#withdraw(phone)
    } else if (move.do === 'pause-key') this.#pauseKey(phone)
    else {
      phone.moods = move.moods
      const call = this.service.calls.callIdOf(phone.channel)
      const outcome = call && this.service.calls.ask(call)
      this.#tell(() => `… ${outcome ?? 'has no call'}`)
    }
  }

  /** A `Local` channel passes on the keys of those behind it, and nobody knows whose they are. */
  #withdraw(phone: Phone): void {
    const { links, phones } = this.#exchange
    const through = links.filter(({ rooms: [near] }) => near === phone.room).map(({ far }) => far)
    for (const one of [phone, ...through]) {
      this.service.press(one, '*9')
      this.consents.of(one).withdraw()
    }
    if (through.length > 0)
      for (const one of phones) this.consents.of(one).doubtful ||= one.room === phone.room
  }

  #call(phone: Phone, { number, moods }: MoveOf<'call'>): void {
    this.#exchange.leave(phone)
    phone.moods = moods
    if (!this.company.names(phone)) this.#arrived(phone, number)
    this.service.arrived(phone, number)
  }

  #arrived(phone: Phone, number: string): void {
    this.consents.arrived(phone, lineOf(number), String(this.service.version))
    this.company.arrived(phone)
  }

  /** The keys of a colleague pause what is recorded of those with whom that one talks, and let it go on. */
  #pauseKey(phone: Phone): void {
    this.service.press(phone, '*7')
    if (phone.room === undefined || phone.room === PARKING) return
    for (const one of this.#exchange.phones) {
      const consent = this.consents.of(one)
      if (!this.company.isColleague(one, phone)) continue
      if (one.room !== phone.room || (!consent.paused && this.#recordedOn(one).length === 0)) continue
      consent.paused = !consent.paused
      this.#tell(() => `… ${one.name} is ${consent.paused ? 'paused' : 'paused no more'}`)
    }
  }

  /** Somebody from outside who never called, or an agent, is dialled for a caller who talks with nobody. */
  #dial(phone: Phone, whom: Phone): void {
    const isFree = whom.room === undefined && !whom.gone && !whom.dials && whom.asking === undefined
    const isDialled = this.#people.some(one => one.dials?.phone === whom)
    if (phone.room !== undefined || !isFree || isDialled || this.consents.of(whom).hasCall) return
    this.#done.early += 1
    const isColleague = this.company.isColleagueEarly(phone, whom)
    this.#exchange.dial(phone, whom, { known: this.service.up, isColleague })
  }

  #dialled(phone: Phone, { answered, room }: MoveOf<'dialled'>): void {
    const whom = phone.dials?.phone
    if (!whom) return
    this.#exchange.endDial(phone, answered ? 'answered' : 'over')
    if (answered) for (const one of [phone, whom]) this.#exchange.move(one, at(ROOMS, room), false)
  }

  #link(room: string, other: string): void {
    this.#tell(() => `${room} is joined to ${other}`)
    this.#exchange.connect(this.#exchange.halves(room), other)
  }

  #unlink(which: number): void {
    const { links } = this.#exchange
    if (links.length === 0) return
    const link = at(links, which)
    this.#tell(() => `${link.rooms.join(' and ')} are parted`)
    this.#exchange.unlink(link)
  }

  /** Somebody who is alone in a room is sent to a line through a `Local` channel, whose far half goes to a room then. */
  async #consult(phone: Phone, { room, number, moods }: MoveOf<'consult'>): Promise<void> {
    const isAlone = this.#exchange.heard(phone).length === 0 && this.#exchange.linksNear(phone).length === 0
    if (phone.room === undefined || phone.room === PARKING || !isAlone) return
    this.#done.consulted += 1
    const link = this.#exchange.halves(phone.room)
    const { far } = link
    this.#tell(() => `… through ${far.name}`)
    far.moods = talkative(moods)
    // An agent consults by the feature of the PBX, which the dialplan says.
    const isInside = phone.side === 'inside'
    if (!isInside) {
      this.#arrived(far, number)
      link.answered = { by: phone, known: true }
    }
    this.service.arrived(far, number, isInside)
    await runPendingWork()
    for (const one of [this.consents, this.company]) one.answeredBehind(link)
    this.#exchange.connect(link, at(ROOMS, room))
  }

  #hears(phone: Phone, media: string): string | undefined {
    const key = this.consents.hears(phone, media)
    if (media.startsWith('disclosure-joined')) this.#done.asked += 1
    this.#tell(() => `… ${phone.name} hears ${media}${key ? `, presses ${key}` : ''}`)
    return key
  }

  /** Those who have phones, without the halves of `Local` channels. */
  get #people(): Phone[] {
    return this.#exchange.phones.filter(({ side }) => side !== 'local')
  }
}
