import type { Decision, PromptRole } from '../../core/events.js'
import { isHeard, type Language, type LinePolicy, type NextStep, type Purpose } from '../../core/policy.js'
import type { SpokenClass } from '../../core/speech.js'
import { isRecordable } from '../machine/answers.js'
import { beginCall, transition } from '../machine/call-machine.js'
import type { CallState, Fact, Order, Step } from '../machine/call-states.js'

/** Length of a prompt in a language, ms. */
export type LengthOf = (prompt: string, language: Language) => number

/** A prompt that a simulated caller has heard in whole or in part. Times are ms since the call began. */
export interface HeardPrompt {
  role: PromptRole
  prompt: string
  language: Language
  /** The question; only for prompts that ask. */
  question?: { purpose: Purpose; attempt: number }
  /** Heard by the caller alone, in the conversation. */
  whispered?: true
  from: number
  /** Undefined while the prompt plays, and for a prompt that played when the call left. */
  to?: number
}

/** Result of a simulated call. */
export interface SimulatedOutcome {
  /** The decision for the dialplan; null while the caller is asked. */
  decision: Decision | null
  /** The purposes that are recorded and whose yes was not withdrawn later. */
  recorded: Purpose[]
  /** Destination after the questions; null if the caller hung up before. */
  next: NextStep['do'] | null
  /** When the call left for it, ms since it began; null if the caller hung up before. */
  leftAt: number | null
}

/**
 * A call through the machine of real calls, without a PBX, on a clock that moves only by `advanceTo`. Prompts take
 * their length. Journal, recorder and PBX answer at once, which takes a moment in a real call.
 */
export class SimulatedCall {
  readonly heard: HeardPrompt[] = []
  readonly #lengthOf: LengthOf
  #now = 0
  #state: CallState
  /** When the prompt that plays ends, and when the wait for a key ends. */
  #promptEnds: number | undefined
  #waitEnds: number | undefined
  /** When the caller began the speech that `say` ends, ms; undefined if both come at once. */
  #beganToSpeak: number | undefined
  #tapped = false
  #decision: Decision | undefined
  #left: { at: number; next: NextStep['do'] } | undefined

  constructor(policy: LinePolicy, lengthOf: LengthOf) {
    this.#lengthOf = lengthOf
    const { state, orders } = beginCall(policy)
    this.#state = state
    this.#carryOut(orders)
  }

  /** The time, ms since the call began. */
  get now(): number {
    return this.#now
  }

  get step(): Step {
    return this.#state.step
  }

  /** Whether the questions are over: the call has left for the dialplan, or has ended. */
  get isOver(): boolean {
    return this.step === 'talking' || this.step === 'ended'
  }

  /** Whether a prompt plays. */
  get isPlaying(): boolean {
    return this.#promptEnds !== undefined
  }

  get outcome(): SimulatedOutcome {
    const { answers } = this.#state
    return {
      decision: this.#decision ?? null,
      recorded: this.#tapped ? answers.filter(isRecordable).map(({ purpose }) => purpose) : [],
      next: this.#left?.next ?? null,
      leftAt: this.#left?.at ?? null,
    }
  }

  /** Time of the next event if the caller does nothing, ms since the call began; undefined if none follows. */
  get nextAt(): number | undefined {
    const due = [this.#promptEnds, this.#waitEnds].filter(at => at !== undefined)
    return due.length === 0 ? undefined : Math.min(...due)
  }

  /** Lets time pass until `at`, ms since the call began. */
  advanceTo(at: number): void {
    for (let due = this.nextAt; due !== undefined && due <= at; due = this.nextAt) {
      this.#now = due
      const fact: Fact = this.#promptEnds === due ? { fact: 'heard' } : { fact: 'silence' }
      if (fact.fact === 'heard') this.#endPrompt()
      else this.#waitEnds = undefined
      this.#take(fact)
    }
    this.#now = Math.max(this.#now, at)
  }

  /** The caller presses a key. */
  press(digit: string): void {
    const heard = this.step === 'disclosing' && { heardMs: this.#now - this.heard.at(-1)!.from }
    this.#take({ fact: 'key', digit, at: this.#now, ...heard })
  }

  /** Whether the caller is heard now: a question that is answered by voice has ended. */
  get hears(): boolean {
    return this.step === 'waiting' && this.#state.asked.hearing
  }

  /** The caller begins to speak, and `say` follows. */
  beginToSpeak(): void {
    this.#beganToSpeak = this.#now
    if (this.hears) this.#take({ fact: 'speaking' })
  }

  /**
   * The caller says something, and the engine of the line decides at once. Without effect where the caller is not
   * heard. Speech that began during the question is unclear, because a real call cannot distinguish it from the echo.
   */
  say(what: SpokenClass): void {
    const { language, voice } = this.#state.policy
    const beganAt = this.#beganToSpeak ?? this.#now
    this.#beganToSpeak = undefined
    if (!voice || !isHeard(language) || !this.hears) return
    const duringPrompt = beganAt < this.heard.at(-1)!.to!
    const heard = duringPrompt ? 'unclear' : what
    const { engine, threshold } = voice
    const spoken = {
      ...{ heard, engine, model: 'simulated', terms: { language, engine, threshold }, scores: {} },
      ...{ beganMs: 0, endedMs: 0, decidedMs: 0 },
    }
    this.#take({ fact: 'spoken', spoken, at: this.#now, duringPrompt })
  }

  hangUp(): void {
    this.#take({ fact: 'hung-up', cause: null })
    // In the conversation, a whisper may play.
    this.#endPrompt()
  }

  /** A prompt breaks off, or the PBX or the database fails. */
  fail(reason: string): void {
    this.#take({ fact: 'fault', reason })
  }

  #take(fact: Fact): void {
    const { state, orders } = transition(this.#state, fact)
    this.#state = state
    this.#carryOut(orders)
  }

  #carryOut(orders: readonly Order[]): void {
    // An order that is answered at once is answered after all orders of the same fact.
    const answers: Fact[] = []
    for (const order of orders) {
      const answer = this.#carryOutOne(order)
      if (answer) answers.push(answer)
    }
    for (const answer of answers) this.#take(answer)
  }

  /** @returns the fact that answers the order at once */
  #carryOutOne(order: Order): Fact | undefined {
    switch (order.order) {
      case 'offer-language':
        return this.#play('language', order.prompt, {}, order.language)
      case 'disclose':
        return this.#play('disclosure', order.prompt)
      case 'apologise':
        return this.#play('apology', order.prompt)
      case 'ask': {
        const { purpose, attempt } = order
        return this.#play('question', order.prompt, { question: { purpose, attempt } })
      }
      case 'confirm':
        return this.#play(order.role, order.prompt)
      case 'whisper':
        return this.#play('withdrawn', order.prompt, { whispered: true }, order.language)
      case 'stop-prompt':
        return this.#endPrompt()
      case 'wait':
      case 'limit-tap-wait':
        this.#waitEnds = this.#now + order.ms
        return undefined
      case 'stop-waiting':
        this.#waitEnds = undefined
        return undefined
      case 'commit':
        return { fact: 'committed' }
      case 'prepare':
        return { fact: 'prepared' }
      case 'return':
        this.#tapped = order.tapped
        return this.#leave(order.decision, order.next.do)
      case 'return-unasked':
        return this.#leave(order.decision, 'continue')
      case 'end':
        this.#decision ??= order.decision
        return undefined
      default:
        return undefined
    }
  }

  #leave(decision: Decision, next: NextStep['do']): Fact {
    this.#decision = decision
    this.#left = { at: this.#now, next }
    this.#promptEnds = undefined
    return { fact: 'returned' }
  }

  #play(
    role: PromptRole,
    prompt: string,
    details: Pick<HeardPrompt, 'question' | 'whispered'> = {},
    language = this.#state.policy.language,
  ): undefined {
    this.#endPrompt()
    this.heard.push({ role, prompt, language, ...details, from: this.#now })
    this.#promptEnds = this.#now + this.#lengthOf(prompt, language)
  }

  #endPrompt(): undefined {
    const last = this.heard.at(-1)
    if (this.#promptEnds !== undefined && last) last.to = this.#now
    this.#promptEnds = undefined
  }
}
