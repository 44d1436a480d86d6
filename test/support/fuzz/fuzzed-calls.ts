// Fake: the PBX, the ear, the recorder, the prompts, the clock, and the journal unless a real one is given. All other parts are real.
import type { Test } from 'tap'
import { startTelephony } from '../../../src/asterisk/telephony.js'
import type { Telephony, TelephonySink } from '../../../src/asterisk/telephony-port.js'
import { Calls } from '../../../src/call/run/calls.js'
import { AppError } from '../../../src/core/errors.js'
import { type ChannelId, newNodeId } from '../../../src/core/ids.js'
import type { PromptBook } from '../../../src/core/ports.js'
import { Secret } from '../../../src/core/secret.js'
import type { Journal } from '../../../src/journal/journal.js'
import { createLog } from '../../../src/lib/log.js'
import { unknownLine } from '../../../src/lines/unknown-line.js'
import { keyLine, noticeLine, twoPurposes, voiceLine } from '../data/policies.js'
import { FakeClock } from '../fakes/fake-clock.js'
import { FakePbx } from '../fakes/fake-pbx.js'
import { openGate } from '../fakes/gate.js'
import { until } from '../processes/database.js'
import { ConsentOracle } from './consent-oracle.js'
import { channelsOf, createEventLine } from './event-line.js'
import { modelEar } from './model-ear.js'
import { type AriEvent, ModelChannel, PROMPT_MS } from './model-pbx.js'
import { modelRecorder, observedJournal } from './model-recorder.js'
import { CALLS, type FuzzAction, type Sequence } from './sequences.js'

const lines = new Map(
  [
    keyLine,
    { ...keyLine, number: '101', bargeIn: false },
    { ...twoPurposes, number: '105', minHeardMs: 600 },
    { ...voiceLine, number: '103' },
    { ...noticeLine, number: '104' },
  ].map(line => [line.number, line]),
)
const prompts: PromptBook = {
  find: (_, name) => ({ name, version: 1, media: name, lengthMs: PROMPT_MS, sha256: '00', text: name }),
  ready: async (language, name) => prompts.find(language, name)!,
}
const log = createLog('silent')
/** After this time every call has left the service, whichever events were lost, ms. */
const LONGEST_MS = 120_000
/** Duration of a slow operation, and of one that exceeds every time limit, ms. */
const SLOW_MS = 300
const HANG_MS = 600

let channels = 0

const nextTurn = () => new Promise(resolve => setImmediate(resolve))

/** Plays sequences of calls through telephony, calls, call machine and consent. */
export class FuzzedCalls {
  #pbx!: FakePbx
  #telephony!: Telephony
  #sink: Pick<TelephonySink, 'arrived' | 'fact'> | undefined
  #sent = 0

  private constructor(private readonly journal?: Journal) {}

  static async start(t: Test, journal?: Journal): Promise<FuzzedCalls> {
    const fuzzed = new FuzzedCalls(journal)
    fuzzed.#pbx = await FakePbx.start(t)
    const settings = { url: fuzzed.#pbx.url, username: 'u', password: new Secret('p'), app: 'consentry' }
    let connected = false
    const sink: TelephonySink = {
      arrived: arrival => fuzzed.#sink?.arrived(arrival),
      fact: (channel, fact) => fuzzed.#sink?.fact(channel, fact),
      connected: () => {
        connected = true
      },
      lost: () => {},
      bridgesFollowed: () => {},
    }
    fuzzed.#telephony = startTelephony({ ...settings, beat: { variable: 'BEAT', id: 'one' } }, sink, log)
    t.teardown(() => fuzzed.#telephony.stopTakingCalls())
    await until(() => connected)
    return fuzzed
  }

  /** Plays a sequence. @returns what must never happen, and how many recordings were requested with consent */
  async play({
    actions,
    fates,
  }: Sequence): Promise<{ faults: string[]; recordings: number; byVoice: number }> {
    const clock = new FakeClock(Date.now())
    const byId = new Map<string, ModelChannel>()
    const oracle = new ConsentOracle(clock.now(), byId, number => lines.get(number), clock.elapsed)
    const trouble: Partial<Record<'commit' | 'prepare' | 'ear', 'fails' | 'hangs' | 'slow'>> = {}
    const causeTrouble = async (what: keyof typeof trouble) => {
      const kind = trouble[what]
      delete trouble[what]
      const ms = { slow: SLOW_MS, hangs: HANG_MS, fails: 0 }[kind ?? 'fails']
      if (ms) await new Promise<void>(resolve => clock.after(ms, resolve))
      if (kind && kind !== 'slow') throw new AppError('journal.timeout', kind)
    }
    const model = modelEar(clock, () => causeTrouble('ear'))
    const calls = new Calls({
      ear: model.ear,
      lines: { find: number => lines.get(number) },
      gate: openGate,
      unknownLine: number => unknownLine(number),
      owner: { node: 'here', service: newNodeId() },
      prompts,
      journal: observedJournal(oracle, () => causeTrouble('commit'), this.journal),
      recorder: modelRecorder(oracle, () => causeTrouble('prepare')),
      clock,
      log,
    })
    const line = createEventLine(fates, json => {
      const event = JSON.parse(json) as AriEvent
      for (const channel of channelsOf(event)) oracle.eventDelivered(channel, event)
      this.#send(json)
    })
    const channel = (id: string, say: (event: AriEvent) => void = () => {}) => {
      const made = byId.get(id) ?? new ModelChannel(id as ChannelId, clock, say)
      byId.set(id, made)
      return made
    }
    const callers = Array.from({ length: CALLS }, () =>
      channel(`1700000000.${++channels}`, event => line(JSON.stringify(event))),
    )
    this.#sink = catchErrors(oracle, {
      arrived: arrival => {
        const { callChannel } = channel(arrival.channel.id)
        calls.arrived({ ...arrival, channel: oracle.watch(callChannel) })
      },
      fact: (channel, fact) => calls.handleChannelFact(channel, fact),
    })

    const rest = () => this.#waitUntilIdle()
    for (const action of actions) {
      if (action.action === 'wait') await clock.advanceAndWait(action.ms, rest)
      else if (action.action === 'fault') calls.failUndecided('pbx-lost')
      else if (action.action === 'trouble') trouble[action.in] = action.is
      else if (action.action === 'garble') this.#send(action.message)
      else if (action.action === 'forge')
        line(JSON.stringify(action.event).replaceAll('{channel}', callers[action.call]!.id))
      else if (action.action === 'deafen') model.lose(callers[action.call]!.id)
      else if (action.action === 'say') {
        const { id } = callers[action.call]!
        if (model.say(id, action.heard)) oracle.spoken(id, action.heard)
      } else actOnChannel(callers[action.call]!, action)
    }
    await clock.advanceAndWait(LONGEST_MS, rest)
    let left = false
    const deadline = clock.elapsed() + LONGEST_MS
    void calls.stop(LONGEST_MS).then(() => {
      left = clock.elapsed() < deadline
    })
    await clock.advanceAndWait(LONGEST_MS, rest)
    if (!left) oracle.faults.push('a call does not leave the service')
    if (model.open > 0) oracle.faults.push('something still hears a caller')
    oracle.end()
    this.#sink = undefined
    return oracle
  }

  #send(text: string): void {
    this.#sent += 1
    this.#pbx.send(text)
  }

  /** Waits until the service has handled every event that was sent. */
  async #waitUntilIdle(): Promise<void> {
    for (let said = -1; said !== this.#sent || this.#handled < said; ) {
      said = this.#sent
      await nextTurn()
      if (!this.journal) continue
      await this.journal.idle()
      await nextTurn()
    }
  }

  get #handled(): number {
    const { events, garbled } = this.#telephony.counters
    return events + garbled
  }
}

function actOnChannel(
  channel: ModelChannel,
  action: Extract<FuzzAction, { action: 'enter' | 'press' | 'hang-up' | 'leave' | 'cut' }>,
): void {
  if (action.action === 'enter') channel.enter(action.number)
  else if (action.action === 'press') channel.press(action.digit)
  else if (action.action === 'leave') channel.leave()
  else if (action.action === 'cut') channel.endPrompt()
  else channel.hangUp()
}

/** Turns exceptions, which would end the service, into faults of the sequence. */
function catchErrors<S extends Pick<TelephonySink, 'arrived' | 'fact'>>(oracle: ConsentOracle, sink: S): S {
  const guard =
    <A extends unknown[]>(action: (...args: A) => void) =>
    (...args: A) => {
      try {
        action(...args)
      } catch (error) {
        oracle.faults.push(`it throws: ${(error as Error).stack}`)
      }
    }
  return { ...sink, arrived: guard(sink.arrived), fact: guard(sink.fact) }
}
