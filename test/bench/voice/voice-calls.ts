import { readdir, readFile } from 'node:fs/promises'
import { type Lab, startLab } from '../../../lab/lab.js'
import { mayUseRealTime } from '../../../lab/process/start-process.js'
import { speakAll } from '../../../lab/voice/speak.js'
import { openDatabase } from '../../../src/db/database.js'
import { findExtent } from '../../../src/speech/embedded/extent.js'
import { holdCalls } from '../capacity/hold-calls.js'
import { extensionsWith } from '../consent/dialplan.js'
import { type Benchmark, figure, figureAtLeast, type Result } from '../support/benchmark.js'
import { processorTime } from '../support/processor-time.js'
import { percentile } from '../support/statistics.js'
import { mostAtOnce, placeSpokenCall, type SpokenCall, type SpokenWord } from './spoken-calls.js'

/** Recorded calls that are held meanwhile, and for how long, ms. */
const [HELD, HOLD_MS] = [100, 150_000]
/** A question that begins later, or takes that much longer, is late, ms. */
const LATE_MS = 200
/** Callers whose questions are open at once, and how often so many call. */
const [ASKED_AT_ONCE, ROUNDS] = [20, 6]
/** From the end of the question to the word, ms: callers need between so much and so much, spread evenly. In every other round all need the mean. */
const [THINKING_FROM, THINKING_TO] = [500, 2_500]

/**
 * Callers who say yes while calls are recorded: the time from the end of the word to the answer in the journal, what the process for speech
 * takes, and what it costs the recorded calls.
 */
export const benchmark: Benchmark = async ({ tell }) => {
  const realTime = mayUseRealTime()
  if (!realTime) tell('only root may give Asterisk and the callers real-time priority: expect losses')
  // The PBX itself is the agent and echoes the caller, so that the content of both legs is known.
  const extensions = extensionsWith('Echo()')
  const lab = await startLab({ extensions, realTime, progress: tell })
  try {
    await lab.service.waitUntilHearing()
    return await measure(lab, realTime, tell)
  } finally {
    await lab.stop()
  }
}

async function measure(lab: Lab, realTime: boolean, tell: (line: string) => void): Promise<Result[]> {
  const [samples] = await speakAll({ program: 'flite', voice: 'rms' }, ['yes'])
  const yes = { samples: samples!, endMs: findExtent(samples!).end / 8 }
  const pid = await speechProcessOf(lab)
  const asked: SpokenCall[] = []
  /** Those who said their word in one moment. */
  const together: SpokenCall[] = []
  let failed = 0
  let spentMs = 0
  const askAll = async () => {
    const before = await processorTime(pid)
    for (let round = 0; round < ROUNDS; round++) {
      const calls = await askRound(lab, yes, round)
      const heard = calls.flatMap(call => (call instanceof Error ? [] : [call]))
      asked.push(...heard)
      if (isTogether(round)) together.push(...heard)
      for (const call of calls.filter(one => one instanceof Error)) tell(`a call failed: ${call.message}`)
      failed = ASKED_AT_ONCE * (round + 1) - asked.length
      tell(`${asked.length} callers have answered by voice`)
    }
    spentMs = (await processorTime(pid)) - before
  }
  const { whole, lost, foreign } = await holdCalls({
    ...{ lab, calls: HELD, holdMs: HOLD_MS, first: realTime, meanwhile: askAll, tell },
  })
  const openMs = asked.reduce((sum, { askedAt, answeredAt }) => sum + answeredAt - askedAt, 0)
  const p95 = (of: (call: SpokenCall) => number, calls: readonly SpokenCall[] = asked) =>
    percentile(calls.map(of), 0.95)
  const late = ({ wordEndedAt, journalledAt }: SpokenCall) => journalledAt - wordEndedAt
  const decided = ({ decidedAfterMs }: SpokenCall) => decidedAfterMs
  const apart = asked.filter(call => !together.includes(call))
  const granted = asked.filter(({ answer }) => answer === 'granted').length
  return [
    figure({ measure: "word's end → answer committed", value: p95(late, apart), unit: 'ms, p95' }, 700),
    figure({ measure: 'of it, until the decision', value: p95(decided, apart), unit: 'ms, p95' }),
    figure({
      measure: 'the same, if 20 say their word in one moment',
      value: p95(late, together),
      unit: 'ms, p95',
    }),
    figureAtLeast(
      { measure: 'questions open at once', value: mostAtOnce(asked), unit: 'callers' },
      ASKED_AT_ONCE,
    ),
    figure(
      {
        measure: 'process for speech',
        value: (100 * spentMs) / openMs,
        unit: '% of one processor an open question',
      },
      10,
    ),
    figure({ measure: 'callers who were not heard', value: failed, unit: `of ${ASKED_AT_ONCE * ROUNDS}` }, 0),
    figureAtLeast(
      { measure: 'said yes, and granted', value: granted, unit: `of ${asked.length}` },
      asked.length,
    ),
    figure({
      measure: 'answer → first packet of the disclosure',
      value: p95(call => call.firstSoundMs),
      unit: 'ms, p95',
    }),
    figure(
      {
        measure: 'question, beyond the length of its recording',
        value: p95(call => call.questionLateMs),
        unit: 'ms, p95',
      },
      LATE_MS,
    ),
    figureAtLeast({ measure: 'calls recorded whole', value: whole, unit: `of ${HELD}` }, HELD),
    figure({ measure: 'packets lost of callers', value: lost.caller, unit: '' }, 0),
    figure({ measure: 'packets lost of agents', value: lost.agent, unit: '' }, 0),
    figure({ measure: 'packets that nobody sent', value: foreign.caller + foreign.agent, unit: '' }, 0),
  ]
}

/** Whether all callers of a round say their word in one moment. */
const isTogether = (round: number): boolean => round % 2 === 1

/** How long the caller of this place in a round needs until the word, ms. */
const thinkingMs = (round: number, place: number): number =>
  isTogether(round)
    ? (THINKING_FROM + THINKING_TO) / 2
    : THINKING_FROM + (place * (THINKING_TO - THINKING_FROM)) / (ASKED_AT_ONCE - 1)

/** So many callers at once. One that fails does not end the others. */
async function askRound(lab: Lab, yes: SpokenWord, round: number): Promise<(SpokenCall | Error)[]> {
  const db = openDatabase(lab.database.url)
  try {
    const calls = Array.from({ length: ASKED_AT_ONCE }, (_, i) => {
      const from = `7998${String(round * ASKED_AT_ONCE + i).padStart(7, '0')}`
      const options = { sip: lab.pbx.sip, from, db, yes, thinkingMs: thinkingMs(round, i) }
      return placeSpokenCall(options).catch((error: unknown) => error as Error)
    })
    return await Promise.all(calls)
  } finally {
    await db.close()
  }
}

/** The process that hears, a child of the service. */
async function speechProcessOf({ ready }: Lab): Promise<number> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  for (const pid of pids) {
    const [stat, command] = await Promise.all(
      ['stat', 'cmdline'].map(name => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    )
    const parent = Number(stat!.slice(stat!.lastIndexOf(')') + 2).split(' ')[1])
    // Its title; see src/speech/process/run.ts.
    if (parent === ready.servicePid && command!.startsWith('consentry speech')) return Number(pid)
  }
  throw new Error('the service has no process for speech')
}
