import type { Test } from 'tap'
import { Calls } from '../../../src/call/calls.js'
import type { Journal } from '../../../src/journal/journal.js'
import { defaultLine } from '../../../src/policy/default-line.js'
import { AppError } from '../../../src/shared/errors.js'
import { type ChannelId, newNodeId } from '../../../src/shared/ids.js'
import { createLog } from '../../../src/shared/log.js'
import type { PromptBook } from '../../../src/shared/ports.js'
import { Secret } from '../../../src/shared/secret.js'
import { startTelephony, type Telephony, type TelephonySink } from '../../../src/telephony/telephony.js'
import { keyLine, noticeLine, twoPurposes } from '../data/policies.js'
import { FakeClock } from '../fakes/fake-clock.js'
import { FakePbx } from '../fakes/fault-ari.js'
import { until } from '../processes/database.js'
import { ConsentOracle } from './consent-oracle.js'
import { channelsOf, eventLine } from './event-line.js'
import { ModelChannel, PROMPT_MS, type Said } from './model-pbx.js'
import { modelRecorder, watchedJournal } from './model-recorder.js'
import { type Act, CALLS, type Sequence } from './sequences.js'

const lines = new Map(
  [
    keyLine,
    { ...keyLine, number: '101', bargeIn: false },
    { ...twoPurposes, number: '105' },
    { ...noticeLine, number: '104' },
  ].map(line => [line.number, line]),
)
const prompts: PromptBook = {
  ready: async (_, name) => ({
    name,
    version: 1,
    media: name,
    lengthMs: PROMPT_MS,
    sha256: '00',
    text: name,
  }),
}
const log = createLog('silent')
/** After so long a call is out of our hands, whatever was not heard of it, ms. */
const LONGEST_MS = 120_000
/** What takes long, and what takes longer than anybody waits, ms. */
const SLOW_MS = 300
const HANG_MS = 600

let channels = 0

const turn = () => new Promise(resolve => setImmediate(resolve))

/**
 * Telephony as it is in service, connected by a WebSocket to a model of a PBX; behind it the calls of one sequence at a
 * time. Real: the socket, what reads it, telephony, calls, machine, consent. Models: the PBX, the recorder, time, and
 * the journal unless one is given.
 */
export class FuzzedCalls {
  #pbx!: FakePbx
  #telephony!: Telephony
  #sink: Pick<TelephonySink, 'arrived' | 'fact'> | undefined
  #said = 0

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
    }
    fuzzed.#telephony = startTelephony({ ...settings, beat: { variable: 'BEAT', id: 'one' } }, sink, log)
    t.teardown(() => fuzzed.#telephony.stopTakingCalls())
    await until(() => connected)
    return fuzzed
  }

  /** Plays a sequence. @returns what must never be, and how many recordings were rightly asked for */
  async play({ acts, fates }: Sequence): Promise<{ faults: string[]; recordings: number }> {
    const clock = new FakeClock(Date.now())
    const byId = new Map<string, ModelChannel>()
    const oracle = new ConsentOracle(clock.now(), byId, number => lines.get(number), clock.elapsed)
    const trouble: Partial<Record<'commit' | 'prepare', 'fails' | 'hangs' | 'slow'>> = {}
    const befall = async (what: keyof typeof trouble) => {
      const kind = trouble[what]
      delete trouble[what]
      const ms = { slow: SLOW_MS, hangs: HANG_MS, fails: 0 }[kind ?? 'fails']
      if (ms) await new Promise<void>(resolve => clock.after(ms, resolve))
      if (kind && kind !== 'slow') throw new AppError('journal.timeout', kind)
    }
    const calls = new Calls({
      lines: { find: number => lines.get(number) },
      gate: { closed: () => undefined },
      unknownLine: number => defaultLine(number),
      owner: { node: 'here', keeper: '/keeper', service: newNodeId() },
      prompts,
      journal: watchedJournal(oracle, () => befall('commit'), this.journal),
      recorder: modelRecorder(oracle, () => befall('prepare')),
      clock,
      log,
    })
    const line = eventLine(fates, json => {
      const event = JSON.parse(json) as Said
      for (const channel of channelsOf(event)) oracle.said(channel, event)
      this.#say(json)
    })
    const channel = (id: string, say: (event: Said) => void = () => {}) => {
      const made = byId.get(id) ?? new ModelChannel(id as ChannelId, clock, say)
      byId.set(id, made)
      return made
    }
    const callers = Array.from({ length: CALLS }, () =>
      channel(`1700000000.${++channels}`, event => line(JSON.stringify(event))),
    )
    this.#sink = guarded(oracle, {
      arrived: arrival => {
        const { callChannel } = channel(arrival.channel.id)
        calls.arrived({ ...arrival, channel: oracle.watch(callChannel) })
      },
      fact: (channel, fact) => calls.handleChannelFact(channel, fact),
    })

    const rest = () => this.#rest()
    for (const act of acts) {
      if (act.act === 'wait') await clock.run(act.ms, rest)
      else if (act.act === 'fault') calls.failUndecided('pbx-lost')
      else if (act.act === 'trouble') trouble[act.in] = act.is
      else if (act.act === 'garble') this.#say(act.message)
      else if (act.act === 'forge')
        line(JSON.stringify(act.event).replaceAll('{channel}', callers[act.call]!.id))
      else befallCaller(callers[act.call]!, act)
    }
    await clock.run(LONGEST_MS, rest)
    let left = false
    const deadline = clock.elapsed() + LONGEST_MS
    void calls.stop(LONGEST_MS).then(() => {
      left = clock.elapsed() < deadline
    })
    await clock.run(LONGEST_MS, rest)
    if (!left) oracle.faults.push('a call is not let go')
    oracle.end()
    this.#sink = undefined
    return oracle
  }

  #say(text: string): void {
    this.#said += 1
    this.#pbx.say(text)
  }

  /** Until everything that was said is heard, and what came of it is done. */
  async #rest(): Promise<void> {
    for (let said = -1; said !== this.#said || this.#heard < said; ) {
      said = this.#said
      await turn()
      if (!this.journal) continue
      await this.journal.idle()
      await turn()
    }
  }

  get #heard(): number {
    const { events, garbled } = this.#telephony.counters
    return events + garbled
  }
}

function befallCaller(
  channel: ModelChannel,
  act: Extract<Act, { act: 'enter' | 'press' | 'hang-up' | 'leave' | 'cut' }>,
): void {
  if (act.act === 'enter') channel.enter(act.number)
  else if (act.act === 'press') channel.press(act.digit)
  else if (act.act === 'leave') channel.leave()
  else if (act.act === 'cut') channel.cut()
  else channel.hangUp()
}

/** What would end the service is a fault of the sequence that did it. */
function guarded<S extends Pick<TelephonySink, 'arrived' | 'fact'>>(oracle: ConsentOracle, sink: S): S {
  const guard =
    <A extends unknown[]>(act: (...args: A) => void) =>
    (...args: A) => {
      try {
        act(...args)
      } catch (error) {
        oracle.faults.push(`it throws: ${(error as Error).stack}`)
      }
    }
  return { ...sink, arrived: guard(sink.arrived), fact: guard(sink.fact) }
}
