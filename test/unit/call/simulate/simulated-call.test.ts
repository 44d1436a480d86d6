// Real: the simulated call, and the call that the service runs. Fake: the PBX, the ear, the journal, the recorder, the prompts, the clock.
// Random callers call random lines twice: in the simulation, and in the service. Both must come out alike.
// Alone: it takes long, and the files after it would wait.
// Long: ten times as many callers.
import fc from 'fast-check'
import t from 'tap'
import { beginCall } from '../../../../src/call/machine/call-machine.js'
import { runCall } from '../../../../src/call/run/run-call.js'
import type { RunningCall } from '../../../../src/call/run/running-call.js'
import { SimulatedCall } from '../../../../src/call/simulate/simulated-call.js'
import { newCallId } from '../../../../src/core/ids.js'
import type { LinePolicy, NextStep } from '../../../../src/core/policy.js'
import type { SpokenClass } from '../../../../src/core/speech.js'
import { spokenAnswer } from '../../../support/data/call-facts.js'
import { keyLine, noticeLine, offeringLine, twoPurposes, voiceLine } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel } from '../../../support/fakes/fake-call.js'
import { FakeClock, runPendingWork } from '../../../support/fakes/fake-clock.js'
import { fuzzRuns } from '../../../support/fuzz/seeded.js'

const runs = fuzzRuns(1_000, 10_000)
/** Of so many callers at least one has to meet each case. */
const ONCE_IN = 500
/** Longer than all questions of a line take, ms. */
const TO_THE_END_MS = 600_000

/** What a caller does, and how long after what it did before, ms. */
interface Deed {
  afterMs: number
  deed: { press: string } | { say: SpokenClass } | 'hang up' | 'fault'
}

/** Every prompt has a length of its own in each language, ms. */
const lengthOf = (prompt: string, language: string): number =>
  900 + 37 * prompt.length + (language === 'ru' ? 210 : 0)

/** Runs a call of the service on a fake PBX that plays each prompt for its length. */
async function callService(policy: LinePolicy, deeds: readonly Deed[]) {
  const clock = new FakeClock()
  const start = clock.now()
  const { deps, events } = fakeCallDeps(clock)
  const promptOf = (language: string, name: string) => ({
    ...{ name, version: 1, media: `${language}/${name}`, sha256: language, text: name },
    lengthMs: lengthOf(name, language),
  })
  deps.prompts = {
    find: promptOf,
    ready: async (language, name) => promptOf(language, name),
  }
  /** Says something to the ear that is open. It opens and decides at once, and like a real one hears nothing before the prompt has ended. */
  let say: ((heard: SpokenClass) => void) | undefined
  deps.ear = {
    async open(_channel, terms, onEvent) {
      const openedAt = clock.now()
      let hears = false
      const mine = (heard: SpokenClass) => {
        if (!hears) return
        const answer = {
          ...spokenAnswer(heard),
          engine: terms.engine,
          terms,
          beganMs: clock.now() - openedAt,
        }
        onEvent({ event: 'spoken', answer })
      }
      say = mine
      return {
        promptEnded: () => {
          hears = true
        },
        close: () => {
          if (say === mine) say = undefined
        },
      }
    },
  }
  const channel = fakeChannel('1.1')
  const playing = new Map<string, () => void>()
  channel.play = async (media, playback) => {
    call.handleChannelFact({ fact: 'playing', playback, at: clock.now() })
    const end = () => call.handleChannelFact({ fact: 'played', playback, ok: true, at: clock.now() })
    const [language, name] = media.split('/') as [string, string]
    playing.set(playback, clock.after(lengthOf(name, language), end))
  }
  channel.stopPlaying = async playback => playing.get(playback)?.()
  const call: RunningCall = runCall(newCallId(), channel, beginCall(policy), deps)
  await runPendingWork()
  for (const { afterMs, deed } of deeds) {
    await clock.advanceAndWait(afterMs)
    if (deed === 'hang up') call.handleChannelFact({ fact: 'hung-up', cause: null, at: clock.now() })
    else if (deed === 'fault') call.handleFact({ fact: 'fault', reason: 'prompt-cut' })
    else if ('say' in deed) say?.(deed.say)
    else call.handleChannelFact({ fact: 'key', digit: deed.press, at: clock.now() })
    await runPendingWork()
  }
  await clock.advanceAndWait(TO_THE_END_MS)
  const released = events.find(({ type }) => type === 'call.released')
  const answers = events.filter(({ type }) => type === 'consent.answered')
  const data = (one: object | undefined) => (one as { data: Record<string, unknown> } | undefined)?.data
  const decision = data(events.findLast(({ type }) => type === 'call.decided'))?.['decision']
  const agreed = answers
    .filter(one => ['granted', 'notice'].includes(String(data(one)?.['answer'])))
    .map(one => data(one)?.['purpose'])
  const withdrawn = events
    .filter(({ type }) => type === 'consent.withdrawn')
    .flatMap(one => data(one)?.['purposes'] as unknown[])
  return {
    decision,
    recorded: data(released)?.['tapped'] ? agreed.filter(purpose => !withdrawn.includes(purpose)) : [],
    next: data(released)?.['next'] ?? null,
    leftAt: released ? released.at - start : null,
    // A prompt after that is whispered.
    heard: events
      .slice(0, released ? events.indexOf(released) : undefined)
      .filter(({ type }) => type === 'prompt.ended')
      .map(data)
      .map(one => [one?.['role'], one?.['prompt'], one?.['sha256'], one?.['heardMs']]),
  }
}

function callSimulation(policy: LinePolicy, deeds: readonly Deed[]) {
  const call = new SimulatedCall(policy, lengthOf)
  for (const { afterMs, deed } of deeds) {
    call.advanceTo(call.now + afterMs)
    if (deed === 'hang up') call.hangUp()
    else if (deed === 'fault') call.fail('prompt-cut')
    else if ('say' in deed) call.say(deed.say)
    else call.press(deed.press)
  }
  call.advanceTo(call.now + TO_THE_END_MS)
  const { decision, recorded, next, leftAt } = call.outcome
  return {
    ...{ decision, recorded, next, leftAt },
    heard: call.heard.flatMap(({ role, prompt, language, whispered, from, to }) =>
      to === undefined || whispered ? [] : [[role, prompt, language, to - from]],
    ),
  }
}

/** A line by voice that wants keys as soon as it may. */
const strictVoiceLine: LinePolicy = {
  ...voiceLine,
  voice: { ...voiceLine.voice!, weak: 'key', keyAfterYes: true },
}

const next = fc.constantFrom<NextStep>(
  { do: 'continue' },
  { do: 'hangup' },
  { do: 'transfer', context: 'a', extension: '1', priority: 1 },
)
const policies = fc.record({
  languages: fc.constantFrom<LinePolicy['languages'][]>(undefined, [], offeringLine.languages, [
    { language: 'en', key: '1' },
    { language: 'ru', key: '5' },
  ]),
  base: fc.constantFrom(keyLine, twoPurposes, voiceLine, strictVoiceLine, noticeLine, {
    ...keyLine,
    mode: 'none' as const,
    purposes: [],
  }),
  bargeIn: fc.boolean(),
  minHeardMs: fc.oneof(fc.constantFrom(0, 'all' as const), fc.integer({ min: 0, max: 3_000 })),
  waitMs: fc.integer({ min: 1_000, max: 30_000 }),
  retries: fc.integer({ min: 0, max: 5 }),
  onWithdraw: fc.constantFrom('destroy' as const, 'keep' as const),
  onRefused: next,
  onSilent: next,
  onFailed: next,
})
const deeds = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 30_000 })),
    deed: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...'11122*9*9559').map(press => ({ press })) },
      {
        weight: 8,
        arbitrary: fc.constantFrom('yes', 'no', 'weak', 'unclear').map(heard => ({ say: heard })),
      },
      { weight: 1, arbitrary: fc.constant('hang up' as const) },
      { weight: 1, arbitrary: fc.constant('fault' as const) },
    ),
  }),
  { maxLength: 8 },
)

t.test('the simulation and the service decide alike', async t => {
  const met = new Map<string, number>()
  let [foreign, confirmed] = [0, 0]
  await fc.assert(
    fc.asyncProperty(policies, deeds, async ({ base, languages, ...changes }, sequence) => {
      const policy: LinePolicy = { ...base, ...changes, ...(languages && { languages }) }
      const [service, simulation] = [await callService(policy, sequence), callSimulation(policy, sequence)]
      met.set(String(service.decision), (met.get(String(service.decision)) ?? 0) + 1)
      if (service.heard.some(([role, , language]) => role === 'disclosure' && language === 'ru')) foreign += 1
      if (service.heard.some(([, prompt]) => prompt === 'question-confirm')) confirmed += 1
      if (JSON.stringify(service) !== JSON.stringify(simulation))
        throw new Error(`service: ${JSON.stringify(service)}\nsimulation: ${JSON.stringify(simulation)}`)
    }),
    runs,
  )
  const least = runs.numRuns / ONCE_IN
  t.ok(confirmed > least, `a weak yes is asked for a clear one: ${confirmed}`)
  t.ok(foreign > least, `another language: ${foreign}`)
  for (const decision of ['granted', 'refused', 'silent', 'failed', 'notice', 'abandoned'])
    t.ok((met.get(decision) ?? 0) > least, `${decision}: ${met.get(decision)}`)
})

t.test('a yes is withdrawn in the conversation: the caller hears so, and nothing is recorded', async t => {
  const call = new SimulatedCall(keyLine, lengthOf)
  call.press(keyLine.keys.yes)
  while (!call.isOver) call.advanceTo(call.nextAt!)
  t.strictSame(call.outcome.recorded, ['service'])
  call.advanceTo(call.now + 5_000)
  const at = call.now
  for (const key of keyLine.keys.withdraw) call.press(key)
  t.strictSame(call.outcome.recorded, [])
  t.match(call.heard.at(-1), { role: 'withdrawn', prompt: 'withdrawn', whispered: true, from: at })
  call.advanceTo(at + TO_THE_END_MS)
  t.equal(
    call.heard.at(-1)?.to,
    at + lengthOf('withdrawn', keyLine.language),
    'the words are heard to their end',
  )

  const gone = new SimulatedCall(keyLine, lengthOf)
  gone.press(keyLine.keys.yes)
  while (!gone.isOver) gone.advanceTo(gone.nextAt!)
  for (const key of keyLine.keys.withdraw) gone.press(key)
  gone.hangUp()
  t.match(gone.heard.at(-1), { role: 'withdrawn', to: gone.now }, 'or until the caller hangs up')
  t.notOk(gone.isPlaying)
})
