// Real: the process for speech as the service starts it, its ports, the listener, sherpa-onnx, the client of Vosk. Fake: the PBX that sends,
// the weights of sherpa's model, which hear tones as letters, and the model of the Vosk server, which speaks the real protocol.
import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { gauss, randomFrom } from '../../../lab/audio/noises.js'
import { concatSamples, tone } from '../../../lab/audio/signals.js'
import { LOOPBACK } from '../../../lab/ports.js'
import { systemClock } from '../../../src/core/clock.js'
import type { HearingTerms } from '../../../src/core/speech.js'
import {
  createHearing,
  type Hearing,
  type HearingEvent,
  type OpenHearing,
} from '../../../src/speech/hearing.js'
import type { SpeechSettings } from '../../../src/speech/settings.js'
import { soundOf, writeToneModel } from '../../support/data/tone-model.js'
import { scratch, silent, until } from '../../support/processes/database.js'
import { eventSink } from '../../support/processes/hearing.js'
import { RtpSender } from '../../support/processes/rtp-sender.js'
import { startVoskServer } from '../../support/processes/vosk-server.js'

t.setTimeout(300_000)

const PROGRAM = fileURLToPath(new URL('../../../src/speech/process/main.js', import.meta.url))
const SHERPA: HearingTerms = { language: 'ru', engine: 'sherpa', threshold: 0.7 }
const VOSK: HearingTerms = { language: 'ru', engine: 'vosk', threshold: 0.7 }

/** Starts the process for speech with a model of sherpa and a Vosk server. @param harm breaks something before it starts */
async function start(t: Test, harm: (folder: string) => Promise<unknown> = async () => {}) {
  const folder = await scratch(t)
  await writeToneModel(folder)
  await harm(folder)
  const server = await startVoskServer(t, { final: { text: 'да', conf: [0.9] } })
  const settings: SpeechSettings = {
    ...{ host: LOOPBACK, streams: 4, root: '/' },
    ...{ vosk: { ru: server.url }, sherpa: { ru: { kind: 'tone-ctc', folder } } },
  }
  const hearing = createHearing({
    ...{ settings, command: [process.execPath, PROGRAM], clock: systemClock, log: silent },
  })
  t.teardown(() => hearing.stop())
  hearing.want([SHERPA, VOSK])
  await until(() => hearing.engines.length === 2 || hearing.engines.some(({ trouble }) => trouble !== null))
  return { hearing, server }
}

/** The background of a line, which is never quite silent. */
const random = randomFrom(3)
const hiss = (ms: number) => Int16Array.from({ length: ms * 8 }, () => Math.round(8 * gauss(random)))

/** Opens a question. On a busy machine a server may have taken too long for a check, which is repeated. */
async function opened(hearing: Hearing, terms: HearingTerms, onEvent: (event: HearingEvent) => void) {
  let open: OpenHearing | undefined
  await until(async () => {
    open = await hearing.open(terms, onEvent).catch(() => undefined)
    return open !== undefined
  })
  return open!
}

/** Opens a question, and says something after its prompt. @returns what the process tells */
async function ask(t: Test, hearing: Hearing, terms: HearingTerms, said: Int16Array, before = () => {}) {
  const sink = eventSink()
  const open = await opened(hearing, terms, sink.onEvent)
  const pbx = await RtpSender.open()
  t.teardown(() => {
    open.close()
    pbx.close()
  })
  open.announce(pbx.source)
  await pbx.say(hiss(300), open.port)
  open.promptEnded()
  before()
  // The answer may come before the last packets, and the socket is closed then.
  pbx.say(concatSamples(hiss(600), said, hiss(1_500)), open.port).catch(() => {})
  return sink.first()
}

t.test('sherpa and Vosk hear what a caller says, and their words decide', async t => {
  const { hearing } = await start(t)
  await until(() => hearing.trouble === undefined)
  t.match(await ask(t, hearing, SHERPA, soundOf('да')), {
    ...{ event: 'heard', answer: { heard: 'yes', words: 'да', engine: 'sherpa', model: /^[0-9a-f]{64}$/ } },
  })
  t.match(await ask(t, hearing, SHERPA, soundOf('не надо')), { answer: { heard: 'no', words: 'не надо' } })
  t.match(await ask(t, hearing, VOSK, tone([500], 400, -12)), {
    ...{ event: 'heard', answer: { heard: 'yes', words: 'да', engine: 'vosk', model: 'server' } },
  })
})

t.test('a damaged model is a trouble with its folder, and the other engine hears', async t => {
  const { hearing } = await start(t, folder => truncate(join(folder, 'model.onnx'), 20_000))
  await until(() => /the model in .* cannot be loaded as tone-ctc/.test(hearing.trouble ?? ''))
  const { pid } = hearing
  await t.rejects(
    hearing.open(SHERPA, () => {}),
    { code: 'speech.unavailable' },
  )
  t.match(await ask(t, hearing, VOSK, tone([500], 400, -12)), { answer: { heard: 'yes' } })
  t.equal(hearing.pid, pid, 'the process goes on')
})

t.test('a Vosk server that fails while it hears fails the question alone, and a check finds it', async t => {
  const { hearing, server } = await start(t)
  for (const [fault, reason] of [
    ['closes-before-last', 'speech.failed'],
    ['garbage', 'speech.failed'],
    ['silent', 'speech.timeout'],
  ] as const) {
    const told = await ask(t, hearing, VOSK, tone([500], 400, -12), () => {
      server.state.script = { final: { text: 'да' }, fault }
    })
    t.strictSame(told, { event: 'failed', reason }, fault)
    if (fault !== 'silent') server.state.script = { final: { text: 'да' } }
  }
  await until(() => /Vosk server at ws:/.test(hearing.trouble ?? ''))
  t.match(
    await ask(t, hearing, SHERPA, soundOf('да')),
    { answer: { heard: 'yes' } },
    'the other engine hears',
  )
})
