import { LEGS, SAMPLE_RATE } from '../../../src/core/audio.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import type { CallLab } from '../lab/call-lab.js'
import { placesOf } from '../lab/tones-heard.js'
import { stagesOf } from './agreed.js'
import type { Drawn } from './draw.js'
import { type PlayedDrawn, STAGE_HZ } from './play-drawn.js'

/** Which share of what was agreed, and sent in time, must be there. What the journal says is missing counts as there. */
const LEAST_SHARE = 0.9
/** Tones are looked for in windows of this length, s. At either end of an utterance one is not full. */
const WINDOWS_S = 0.2

/**
 * Judges a conversation by two rules: every second that was agreed and not paused is stored, or the journal says what is missing; and no second of
 * anybody is stored who has not agreed.
 *
 * @returns what is wrong
 */
export async function judgeDrawn(
  lab: CallLab,
  drawn: Drawn,
  { calls, said }: PlayedDrawn,
): Promise<string[]> {
  const stages = stagesOf(drawn)
  const faults: string[] = []
  const lateS = said.lateMs() / 1_000
  const [own, behind] = calls
  for (const [i, stage] of stages.entries())
    for (const [call, agreed] of [[own, stage.own] as const, [behind, stage.behind] as const])
      for (const purpose of agreed ?? [])
        if (!call?.recordings.some(one => one.purpose === purpose) && !(call && hadFailed(call, purpose)))
          faults.push(`stage ${i}: nothing is recorded for ${purpose} although it was agreed to`)
  for (const call of calls)
    for (const { id, purpose } of call.recordings.filter(({ state }) => state !== 'empty')) {
      const legs = await lab.open(id)
      for (const [i, stage] of stages.entries())
        for (const leg of LEGS) {
          const agreed = (call === own ? stage.own : stage.behind)?.has(purpose) ?? false
          const there = placesOf(legs[leg], STAGE_HZ[leg][i]!).length / 10
          const { ms, from } = said.utterances.find(({ voice }) => voice === `${leg} ${i}`)!
          const what = `stage ${i}, ${purpose} of line ${call.line}, ${leg}: ${there} of ${ms / 1_000} s`
          if (!agreed && there > 0) faults.push(`${what} are recorded without a yes`)
          const least = LEAST_SHARE * (ms / 1_000) - WINDOWS_S - lateS - lostIn(call, id, leg)
          if (agreed && there < least && !hadFailed(call, purpose, from))
            faults.push(`${what} are there, and the journal does not say why`)
        }
    }
  return faults
}

/** Whether the last that the journal has of a purpose before this time is that its recording failed, as where a busy machine makes it ready too late. */
function hadFailed({ events }: CallTimeline, purpose: string, before = Number.POSITIVE_INFINITY): boolean {
  const [last] = events
    .filter(one => one.type === 'recording.prepared' || one.type === 'recording.failed')
    .filter(one => one['purpose'] === purpose && Date.parse(one.at) <= before)
    .slice(-1)
  return last?.type === 'recording.failed'
}

/** What the journal says is missing of a side of a recording, s. */
const lostIn = ({ events }: CallTimeline, id: string, leg: string): number =>
  events.reduce(
    (sum, one) =>
      one.type === 'recording.gap' && one['recording'] === id && one['leg'] === leg
        ? sum + Number(one['bytes']) / SAMPLE_RATE
        : sum,
    0,
  )
