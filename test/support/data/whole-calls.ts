import {
  type CallEvent,
  type EventData,
  event,
  type PromptEnd,
  type PromptRole,
} from '../../../src/core/events.js'
import { type CallId, newCallId, newPartId, newRecordingId, type RecordingId } from '../../../src/core/ids.js'
import { evidenceOf } from '../../../src/core/speech-events.js'
import { partBegun, SERVICE, STARTED, WITHDRAWAL } from './call-events.js'
import { spokenAnswer } from './call-facts.js'

// Complete calls as the service journals them; see `src/call/run/run-call.ts`.

type Answered = EventData['consent.answered']

export interface WholeCall {
  call: CallId
  events: CallEvent[]
  recordings: RecordingId[]
}

const hashOf = (n: number) => n.toString(16).padStart(2, '0').repeat(32)

/** Builds the events of one call, each some time after the one before. */
export class CallScript {
  readonly call = newCallId()
  readonly events: CallEvent[] = []
  readonly recordings: RecordingId[] = []
  #at = STARTED

  note(make: (at: number) => CallEvent, afterMs = 7): CallEvent {
    this.#at += afterMs
    const made = make(this.#at)
    this.events.push(made)
    return made
  }

  start(line: string | null, mode: string, caller = '+79001234567'): this {
    const data = { line, policy: 3, language: 'en' as const, mode, channel: 'pbx-1.1', utcOffset: '+03:00' }
    this.note(at => event('call.started', this.call, at, { ...data, service: SERVICE }, { caller }))
    this.note(at => event('call.answered', this.call, at, { line: line ?? '', policy: 3 }))
    return this
  }

  prompt(role: PromptRole, name: string, end: PromptEnd = 'complete', heardMs = 4_000): this {
    const data = {
      role,
      prompt: name,
      version: 2,
      text: `The words of “${name}”.`,
      sha256: hashOf(name.length),
    }
    const heard = { end, heardMs, lengthMs: 4_000, ...(end === 'fault' ? { reason: 'prompt-cut' } : {}) }
    this.note(at => event('prompt.ended', this.call, at, { ...data, ...heard }), heardMs)
    return this
  }

  ask(purpose: string, attempt: number, end: PromptEnd = 'complete', heardMs = 4_000): this {
    this.note(at => event('consent.asked', this.call, at, { purpose, attempt }))
    return this.prompt('question', `question-${purpose}`, end, heardMs)
  }

  answer(purpose: string, answer: Answered['answer'], method: Answered['method'], digit?: string): CallEvent {
    const terms = { legalBasis: 'Consent (GDPR, Article 6(1)(a))', retentionDays: 30 }
    const data = {
      purpose,
      answer,
      method,
      ...terms,
      afterMs: method === 'key' ? 1_200 : null,
      withdrawal: WITHDRAWAL,
    }
    return this.note(at =>
      event('consent.answered', this.call, at, data, digit === undefined ? undefined : { digit }),
    )
  }

  /** The same in the middle of the conversation. */
  askAside(purpose: string, attempt: number): this {
    const asked = { purpose, attempt, inConversation: true } as const
    this.note(at => event('consent.asked', this.call, at, asked))
    return this.prompt('question', `question-${purpose}`)
  }

  answerAside(purpose: string, answer: Answered['answer'], digit?: string): CallEvent {
    const given = this.answer(purpose, answer, digit ? 'key' : 'none', digit)
    Object.assign(given.data, { inConversation: true })
    return given
  }

  decide(decision: EventData['call.decided']['decision']): this {
    this.note(at => event('call.decided', this.call, at, { decision }))
    this.note(at => event('call.released', this.call, at, { next: 'continue', tapped: false }))
    return this
  }

  record(purpose: string, basis: CallEvent, parts: number): RecordingId {
    const recording = newRecordingId()
    this.recordings.push(recording)
    const prepared = { recording, purpose, basis: basis.id, due: '2026-03-02', tap: 'a', service: SERVICE }
    this.note(at => event('recording.prepared', this.call, at, prepared))
    for (let number = 1; number <= parts; number++) {
      const part = newPartId()
      const object = `${purpose}/2026/01/31/${part}.ctry`
      const size = { chunks: 4, bytes: 65_536 * number, hash: hashOf(number) }
      const begun = { recording, part, number, object, ...partBegun }
      this.note(at => event('recording.part-started', this.call, at, begun))
      this.note(at => event('recording.progress', this.call, at, { recording, part, ...size }))
      const totals = { hash512: hashOf(number).repeat(2), samples: 32_768, firstSample: 0 }
      const ended = { recording, part, ...size, ...totals, complete: true }
      this.note(at => event('recording.part-ended', this.call, at, ended), 4_000)
    }
    this.note(at =>
      event('recording.gap', this.call, at, { recording, leg: 'agent', bytes: 100, reason: 'behind' }),
    )
    if (parts > 1) this.mute(recording)
    this.note(at =>
      event('recording.finished', this.call, at, { recording, state: 'finished', seconds: 8.192 }),
    )
    return recording
  }

  /** Somebody joins twice who has not agreed, and is there at the end. */
  mute(recording: RecordingId): void {
    const place = { recording, leg: 'agent', caller: 8_000, agent: 8_000 } as const
    for (const type of ['recording.muted', 'recording.unmuted', 'recording.muted'] as const)
      this.note(at => event(type, this.call, at, place))
  }

  end(): WholeCall {
    this.note(at => event('call.ended', this.call, at, { cause: 16, phase: 'talking' }))
    return { call: this.call, events: this.events, recordings: this.recordings }
  }
}

/** Yes by key during the question, recorded in two parts. */
export function grantedCall(): WholeCall {
  const script = new CallScript()
  script.start('101', 'key').prompt('disclosure', 'disclosure-key').ask('service', 1, 'key', 1_200)
  const yes = script.answer('service', 'granted', 'key', '1')
  script.prompt('granted', 'granted').decide('granted')
  script.record('service', yes, 2)
  return script.end()
}

/** Yes by voice, after speech that was unclear and a second question. */
export function spokenCall(): WholeCall {
  const script = new CallScript()
  const { call } = script
  script.start('103', 'voice-or-key').prompt('disclosure', 'disclosure-voice').ask('service', 1)
  const unclear = evidenceOf(spokenAnswer('unclear'))
  script.note(at =>
    event('speech.unsettled', call, at, { purpose: 'service', why: 'unclear', voice: unclear }),
  )
  script.ask('service', 2)
  const terms = { legalBasis: 'Consent (GDPR, Article 6(1)(a))', retentionDays: 30, afterMs: 5_700 }
  const voice = evidenceOf(spokenAnswer('yes', { needed: 0.85 }))
  const yes = script.note(at => {
    const data = {
      purpose: 'service',
      answer: 'granted',
      method: 'voice',
      ...terms,
      voice,
      withdrawal: WITHDRAWAL,
    } as const
    return event('consent.answered', call, at, data, { words: 'yes please' })
  }, 1_700)
  script.prompt('granted', 'granted').decide('granted')
  script.record('service', yes, 1)
  return script.end()
}

/** No by key. */
export function refusedCall(): WholeCall {
  const script = new CallScript()
  script.start('101', 'key').prompt('disclosure', 'disclosure-key').ask('service', 1, 'key', 900)
  script.answer('service', 'refused', 'key', '2')
  return script.prompt('refused', 'refused').decide('refused').end()
}

/** A no, and in the conversation silence, and then a yes, which is recorded. */
export function askedAgainCall(): WholeCall {
  const script = new CallScript()
  script.start('101', 'key').prompt('disclosure', 'disclosure-key').ask('service', 1, 'key', 900)
  script.answer('service', 'refused', 'key', '2')
  script.prompt('refused', 'refused').decide('refused')
  const asked = { by: 'api', purposes: ['service'], line: '101', policy: 3, language: 'en' } as const
  for (const [answer, digit] of [['silent'], ['granted', '1']] as const) {
    script.note(at =>
      event('consent.requested', script.call, at, { ...asked, purposes: ['service'], recorded: null }),
    )
    script.prompt('disclosure', 'disclosure-key').askAside('service', 1)
    const given = script.answerAside('service', answer, digit)
    script.prompt(answer === 'granted' ? 'granted' : 'refused', 'granted-service')
    if (answer === 'granted') script.record('service', given, 1)
  }
  script.note(at =>
    event('call.decided', script.call, at, { decision: 'granted', reason: 'in-conversation' }),
  )
  return script.end()
}

/** No key in both questions. */
export function silentCall(): WholeCall {
  const script = new CallScript()
  script.start('101', 'key').prompt('disclosure', 'disclosure-key').ask('service', 1).ask('service', 2)
  script.answer('service', 'silent', 'none')
  return script.prompt('refused', 'refused').decide('silent').end()
}

/** A notice-only line, recorded after the complete disclosure. */
export function noticeCall(): WholeCall {
  const script = new CallScript()
  script.start('104', 'notice').prompt('disclosure', 'disclosure-notice')
  const stayed = script.answer('service', 'notice', 'notice')
  script.decide('notice').record('service', stayed, 1)
  return script.end()
}

/** Yes to service at the second question, no to marketing. The yes is withdrawn during the call. */
export function twoPurposeCall(): WholeCall {
  const script = new CallScript()
  script.start('105', 'key').prompt('disclosure', 'disclosure-purposes')
  script.ask('service', 1).ask('service', 2, 'key', 800)
  const yes = script.answer('service', 'granted', 'key', '1')
  script.prompt('granted', 'granted-service').ask('marketing', 1, 'key', 700)
  script.answer('marketing', 'refused', 'key', '2')
  script.prompt('refused', 'refused-marketing').decide('granted').record('service', yes, 1)
  script.note(at => event('consent.withdrawn', script.call, at, { purposes: ['service'], keep: false }))
  return script.end()
}

/** @returns the events of concurrent calls, taking turns */
export function interleaveEvents(calls: readonly WholeCall[]): CallEvent[] {
  const longest = Math.max(...calls.map(({ events }) => events.length))
  const turns = Array.from({ length: longest }, (_, i) =>
    calls.flatMap(({ events }) => events.slice(i, i + 1)),
  )
  return turns.flat()
}
