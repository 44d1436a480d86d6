import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { LOOPBACK } from '../../../lab/ports.js'
import { systemClock } from '../../../src/core/clock.js'
import type { HearingTerms } from '../../../src/core/speech.js'
import type { WantedEngine } from '../../../src/speech/engines.js'
import { createHearing, type Hearing, type HearingEvent } from '../../../src/speech/hearing.js'
import type { SpeechSettings } from '../../../src/speech/settings.js'
import { silent, until } from './database.js'

const CHILD = fileURLToPath(new URL('./speech-child.js', import.meta.url))
export const TERMS: HearingTerms = { language: 'ru', engine: 'embedded', threshold: 0.7 }

export const EMBEDDED: readonly WantedEngine[] = [
  { engine: 'embedded', language: 'ru' },
  { engine: 'embedded', language: 'en' },
]

/** Starts the speech process with stand-ins for listener and engines, and waits until it is ready. */
export async function startHearing(
  t: Test,
  settings: Partial<SpeechSettings> = {},
  flags: string[] = [],
  wanted = EMBEDDED,
): Promise<Hearing> {
  const hearing = createHearing({
    settings: { host: LOOPBACK, streams: 4, root: '/', vosk: {}, sherpa: {}, ...settings },
    command: [process.execPath, ...flags, CHILD],
    ...{ clock: systemClock, log: silent },
  })
  t.teardown(() => hearing.stop())
  hearing.want(wanted)
  await untilReady(hearing)
  return hearing
}

/** Waits until all engines have been tried. */
const untilReady = (hearing: Hearing): Promise<void> =>
  until(() => hearing.trouble !== 'the speech process is not ready')

/** Gets the events of a question. `first` waits for the first one that says more than that somebody speaks. */
export function eventSink() {
  const events: HearingEvent[] = []
  return {
    events,
    onEvent: (event: HearingEvent) => void events.push(event),
    first: async (): Promise<HearingEvent> => {
      const ofMoment = () => events.find(({ event }) => event !== 'speaking')
      await until(() => ofMoment() !== undefined)
      return ofMoment()!
    },
  }
}
