// Fake: none. What each person of a model PBX has heard and agreed to, by what came out of the phone and which keys were pressed.
import type { LinePolicy, PurposePolicy } from '../../../src/core/policy.js'
import { lineTellingOutsiders } from './conversation-lines.js'
import type { Moods } from './conversation-moves.js'
import type { Link, Phone } from './conversation-phones.js'

/** What somebody agreed to. Without a question, it was a notice. */
interface Yes {
  disclosure: string
  question: string | undefined
  version: string
  days: number
  basis: string
}

/** What a line tells of one of its purposes. */
const termsOf = (
  { disclosure, mode }: LinePolicy,
  { prompts, retentionDays: days, legalBasis: basis }: PurposePolicy,
  version: string,
): Yes => ({ disclosure, version, days, basis, question: mode === 'notice' ? undefined : prompts.question })

/** The same legal basis, no shorter term, the same words. A notice is none where people are asked. */
const isEnough = (given: Yes, wanted: Yes): boolean =>
  given.basis === wanted.basis &&
  given.days >= wanted.days &&
  given.disclosure === wanted.disclosure &&
  given.version === wanted.version &&
  (wanted.question === undefined || given.question === wanted.question)

/** What one person has said. */
export class Consent {
  /** For the person's own call, by purpose. Without a yes after anything else. */
  readonly own = new Map<string, readonly Yes[]>()
  /** For the recordings of others. */
  readonly elsewhere = new Map<string, readonly Yes[]>()
  /** Refused behind a `Local` channel, by which a phone sent the person on. */
  readonly refusedBehind = new Set<string>()
  /** Where the person is now. */
  line: LinePolicy | undefined
  /** The line of which the journal knows: where the call began, or something was asked later. */
  knownLine: LinePolicy | undefined
  /** Of the prompts of the call; empty without a call. */
  version = ''
  /** Yeses of a recovered call. They hold until it comes to a line. */
  trusted = new Set<Yes>()
  /** Purposes of a recovered call whose line is not known, but that nothing was recorded for them there. */
  barred = new Set<string>()
  /** Whether an agent wants a pause. */
  paused = false
  /** Purposes with a yes to a line, whose recording is to begin when the questions are over. */
  readonly due = new Set<string>()
  /** Whether the service may take a yes for less than it is: of two to the same it may go by one, and it does not know who withdrew behind a `Local` channel. */
  doubtful = false
  /** Whether the person has come to a line. Otherwise all questions are for the recordings of others. */
  isCaller = false
  /** For recordings of which lines the person was told so last; undefined if for the own call. */
  askedFor: readonly LinePolicy[] | undefined

  get hasCall(): boolean {
    return this.version !== ''
  }

  /** What holds where the person is now. */
  get agreed(): Map<string, readonly Yes[]> {
    const agreed = new Map<string, readonly Yes[]>()
    for (const [purpose, yeses] of this.own) {
      const held =
        this.refusedBehind.has(purpose) || this.barred.has(purpose)
          ? []
          : yeses.filter(yes => this.#holds(purpose, yes))
      if (held.length > 0) agreed.set(purpose, held)
    }
    return agreed
  }

  #holds(purpose: string, yes: Yes): boolean {
    if (this.trusted.has(yes)) return true
    if (!this.line || this.line.mode === 'none') return false
    const asked = this.line.purposes.find(one => one.purpose === purpose)
    return asked === undefined || isEnough(yes, termsOf(this.line, asked, this.version))
  }

  /** Whether the person agrees to what somebody else was told. @param wanted all yeses of that one to the purpose */
  agreesTo(purpose: string, wanted: readonly Yes[]): boolean {
    const elsewhere = this.refusedBehind.has(purpose) ? [] : (this.elsewhere.get(purpose) ?? [])
    const given = [...(this.agreed.get(purpose) ?? []), ...elsewhere]
    return given.some(yes => wanted.some(one => isEnough(yes, one)))
  }

  /** The purposes of which the service may take a yes. */
  get given(): string[] {
    return [...this.own].flatMap(([purpose, yeses]) => (yeses.length > 0 ? purpose : []))
  }

  /**
   * The service is killed. The next one reads in the journal what was answered, on which line, and why recordings were paused. What the line
   * barred it leaves out until the caller comes to a line.
   *
   * @param running what is recorded
   * @param isAsked whether the caller is being asked
   */
  recovered(running: readonly string[], isAsked: boolean): void {
    const { agreed, given } = this
    this.paused &&= running.length > 0
    this.barred = new Set(this.paused ? [] : running.filter(purpose => !agreed.has(purpose)))
    this.doubtful ||= given.some(purpose => this.elsewhere.has(purpose))
    this.trusted = new Set([...this.own.values()].flat())
    if (!isAsked) this.line = this.knownLine
    this.refusedBehind.clear()
  }

  withdraw(): void {
    for (const purpose of this.given) this.own.set(purpose, [])
    this.elsewhere.clear()
    this.due.clear()
  }
}

export class Consents {
  /** What must not happen, whatever is recorded. */
  readonly faults: string[] = []
  /**
   * How often a notice was given, and somebody agreed: in a conversation for the recording of another, there for the own call, and to a purpose to
   * which that person had agreed on another line.
   */
  readonly counts = { notices: 0, 'agreed for another': 0, 'agreed aside': 0, 'agreed again': 0 }
  readonly #of = new Map<Phone, Consent>()

  /**
   * @param isNamed whether the service knows a phone as one of the company
   * @param linesAsking the lines on which the person on a phone may be asked for the recordings of others
   */
  constructor(
    private readonly isNamed: (phone: Phone) => boolean,
    private readonly linesAsking: (phone: Phone) => readonly LinePolicy[],
  ) {}

  of(phone: Phone): Consent {
    const known = this.#of.get(phone) ?? new Consent()
    this.#of.set(phone, known)
    return known
  }

  get all(): IterableIterator<[Phone, Consent]> {
    return this.#of.entries()
  }

  /** A caller comes to a line. @param version of the prompts that are in force */
  arrived(phone: Phone, line: LinePolicy, version: string): void {
    const consent = this.of(phone)
    if (!consent.hasCall) consent.version = version
    consent.isCaller = true
    consent.line = line
    consent.knownLine ??= line
    consent.trusted.clear()
    consent.barred.clear()
  }

  /**
   * Whoever has said yes to a line is recorded when the questions are over.
   *
   * @param recordedOn the purposes for which a call is recorded
   */
  checkBegun(recordedOn: (phone: Phone) => readonly string[]): void {
    for (const [phone, { due }] of this.#of) {
      if (due.size === 0 || phone.asking !== undefined || phone.gone) continue
      const recorded = recordedOn(phone)
      for (const purpose of due)
        if (!recorded.includes(purpose)) this.faults.push(`${phone.name} is not recorded for ${purpose}`)
      due.clear()
    }
  }

  /** Something comes out of a phone. @returns the key that is pressed */
  hears(phone: Phone, media: string): string | undefined {
    const [prompt, version] = media.split('@') as [string, string]
    const consent = this.of(phone)
    if (this.isNamed(phone)) this.faults.push(`${phone.name} is a phone of the company and hears ${prompt}`)
    // Whoever is asked in a conversation is no colleague from then on.
    if (prompt.startsWith('disclosure') && phone.asking === undefined) this.#toldAside(phone, consent, prompt)
    consent.version = version
    if (prompt.startsWith('disclosure'))
      return phone.asking === undefined ? undefined : this.#disclosed(phone, consent, prompt)
    if (!prompt.startsWith('question-')) return undefined
    const purpose = prompt.slice('question-'.length)
    const mood = phone.moods[purpose as keyof Moods]
    if (phone.asking !== undefined) this.#answered(phone, consent, purpose, mood === 'yes')
    else if (mood === 'yes') this.#agreedAside(phone, consent, purpose)
    return { yes: '1', no: '2', silent: undefined }[mood]
  }

  /** A disclosure on a line. @returns the key of whoever objects to a notice */
  #disclosed(phone: Phone, consent: Consent, prompt: string): string | undefined {
    const { line } = consent
    consent.askedFor = undefined
    consent.knownLine = line
    if (prompt !== line?.disclosure) this.faults.push(`${phone.name} hears ${prompt} on ${line?.number}`)
    if (line?.mode !== 'notice') return undefined
    const objects = phone.moods.service === 'no'
    for (const { purpose } of line.purposes) this.#answered(phone, consent, purpose, !objects)
    this.counts.notices += objects ? 0 : 1
    return objects ? '2' : undefined
  }

  /** A disclosure in a conversation: in the words of a line for outsiders, or in those for its callers. */
  #toldAside(phone: Phone, consent: Consent, prompt: string): void {
    const { line, isCaller } = consent
    const joined = lineTellingOutsiders(prompt)
    const near = this.linesAsking(phone)
    if (joined) consent.askedFor = near.filter(one => one === joined)
    else if (isCaller) consent.askedFor = undefined
    else consent.askedFor = near.filter(({ disclosure }) => disclosure === prompt)
    consent.knownLine ??= joined
    if (consent.askedFor?.length === 0)
      this.faults.push(`${phone.name} is asked for nobody who is there, with ${prompt}`)
    if (!consent.askedFor && prompt !== line?.disclosure)
      this.faults.push(`${phone.name} is asked on ${line?.number} with ${prompt}`)
  }

  /** An answer to the line itself. Without a yes, one that was given for others counts no longer. */
  #answered(phone: Phone, consent: Consent, purpose: string, yes: boolean): void {
    this.counts['agreed again'] += yes && (consent.own.get(purpose)?.length ?? 0) > 0 ? 1 : 0
    consent.own.set(purpose, yes ? this.#terms(phone, consent.line, consent, purpose) : [])
    if (yes) consent.due.add(purpose)
    else consent.elsewhere.delete(purpose)
  }

  /** A yes in a conversation. It does not matter for which of two lines that tell the same. */
  #agreedAside(phone: Phone, consent: Consent, purpose: string): void {
    const { askedFor, line } = consent
    const yes = (askedFor ?? [line]).flatMap(one => this.#terms(phone, one, consent, purpose))
    const of = askedFor ? consent.elsewhere : consent.own
    const before = of.get(purpose) ?? []
    consent.doubtful ||= before.length + yes.length > 1
    of.set(purpose, [...before, ...yes])
    this.counts[askedFor ? 'agreed for another' : 'agreed aside'] += 1
  }

  #terms(phone: Phone, line: LinePolicy | undefined, consent: Consent, purpose: string): readonly Yes[] {
    const asked = line?.purposes.find(one => one.purpose === purpose)
    if (line && asked) return [termsOf(line, asked, consent.version)]
    this.faults.push(`${phone.name} is asked for ${purpose} on ${line?.number}`)
    return []
  }

  /** Whoever has a call of their own, and is sent on by a phone, agrees or refuses as what was answered behind the `Local` channel. */
  answeredBehind({ far, answered }: Link): void {
    const person = answered && this.of(answered.by)
    if (!person?.hasCall || answered?.by.side === 'inside') return
    for (const [purpose, yeses] of this.of(far).own)
      if (yeses.length > 0) person.refusedBehind.delete(purpose)
      else person.refusedBehind.add(purpose)
  }
}
