// Real: Asterisk, SIP callers that send sound, the service with its keeper and its process for speech, PostgreSQL, the WebSocket to a
// server of the protocol of Vosk. Fake: what that server understands. A caller says a tone, and its pitch stands for the words.
import t from 'tap'
import { tone } from '../../lab/audio/signals.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { type CallScenario, checkScenarios } from '../support/lab/call-scenarios.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { startVoskServer } from '../support/processes/vosk-server.js'

/** What a tone of so many Hz stands for. */
const WORDS: Record<number, string> = { 300: 'yes', 500: 'no', 700: 'okay', 900: 'who is this' }
/** How long a tone is, ms: as long as a short answer. */
const TONE_MS = 400

const vosk = await startVoskServer(t, { final: samples => ({ text: WORDS[pitchOf(samples)] ?? '' }) })

/** The pitch of WORDS that is nearest, by the zero crossings of the loud part. */
function pitchOf(samples: Int16Array): number {
  const loud = [...samples].filter(one => Math.abs(one) > 300).length
  if (loud === 0) return 0
  let crossings = 0
  for (let i = 1; i < samples.length; i++)
    if (Math.abs(samples[i]! - samples[i - 1]!) > 300 && samples[i]! >= 0 !== samples[i - 1]! >= 0)
      crossings++
  const hz = (crossings / 2 / TONE_MS) * 1_000
  return Object.keys(WORDS)
    .map(Number)
    .sort((a, b) => Math.abs(a - hz) - Math.abs(b - hz))[0]!
}

const voiceLine = (number: string, changes: object = {}, voice: object = {}) =>
  quickLine(number, {
    ...{ mode: 'voice-or-key', waitMs: 5_000 },
    voice: { engine: 'vosk', ...voice },
    ...changes,
  })

/** Says a tone after a complete question. */
const sayAfterQuestion =
  (hz: number, n = 1) =>
  async (call: PlacedCall): Promise<unknown> => {
    let asked = 0
    await call.waitForEvent(
      'prompt.ended',
      ({ role, end }) => role === 'question' && end === 'complete' && ++asked >= n,
    )
    await new Promise(resolve => setTimeout(resolve, 600))
    return call.caller.say(tone([hz], TONE_MS, -12))
  }

const opening = [
  'call.started',
  'call.answered',
  'prompt.ended disclosure complete',
  'consent.asked service 1',
]
const yes = { answers: { service: 'granted' }, decision: 'granted', recorded: ['service'] }

const scenes: CallScenario[] = [
  {
    title: 'a spoken yes is recorded, and the journal says what was heard',
    dial: { number: '201' },
    callerAction: sayAfterQuestion(300),
    ...yes,
    events: [...opening],
  },
]

const site = await startCallLab(t, {
  env: { CONSENTRY_VOSK_EN: vosk.url },
  lines: [voiceLine('201')],
})
await checkScenarios(t, site, scenes)
