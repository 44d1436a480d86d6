// Real: Asterisk, SIP callers who speak with synthetic voices, the service with its keeper and its process for speech, the embedded
// engine, PostgreSQL. Fake: none. Half of the callers call at the same time.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { findSpeech } from '../../lab/audio/find-speech.js'
import { LOOPBACK } from '../../lab/ports.js'
import { type LabVoice, speakAll } from '../../lab/voice/speak.js'
import type { HeardLanguage } from '../../src/core/policy.js'
import { alarmEvents } from '../support/assertions/alarms.js'
import { listFilesBelow, searchFiles } from '../support/assertions/search-files.js'
import { runsOf } from '../support/data/marker.js'
import { quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { type CallScenario, checkScenarios } from '../support/lab/call-scenarios.js'
import { inSequence, pressInQuestion } from '../support/lab/caller-actions.js'
import { beginOf, sayAfterQuestion, sayOverQuestion, VOICE_QUESTION } from '../support/lab/spoken-answers.js'
import { eventsAfterYes } from '../support/lab/yes-in-disclosure.js'

t.setTimeout(300_000)

/**
 * The wait of the line that does not ask again, and how long before its end a late caller begins to speak, ms. The words begin 170 ms later, and
 * the silence that ends them is over after 1,440 ms: a busy machine has the time between to send them.
 */
const [WAIT_MS, LATE_MS] = [3_000, 1_250]
/** How many callers speak at once. With twice as many, a slow machine needs longer for their words than the service waits. */
const AT_ONCE = 12

const english = { program: 'flite', voice: 'rms' } as const
const russian = { program: 'espeak-ng', voice: 'ru' } as const
interface Words {
  clear: Int16Array
  no: Int16Array
  weak: Int16Array
  unclear: Int16Array
}
const wordsOf = async (voice: LabVoice, texts: string[]): Promise<Words> => {
  const [clear, no, weak, unclear] = await speakAll(voice, texts)
  return { clear: clear!, no: no!, weak: weak!, unclear: unclear! }
}
// A busy PBX tears what callers say. "Yes please" bears that better than "yes".
const en = await wordsOf(english, ['yes please', 'no', 'okay', 'maybe'])
// Without a comma: the grammar has no pause in an answer.
const ru = await wordsOf(russian, ['да согласен', 'нет, не надо', 'ага', 'может быть'])
const [yes] = await speakAll(english, ['yes'])

/** Lines 201 and 204 keep a spoken yes. The scenes show that they keep nothing else. */
const keepAnswer = { legalBasis: 'proof of consent' }
const kept = ['service', 'consent']

const voiceLine = (number: string, changes: object = {}, voice: object = {}) =>
  quickLine(number, {
    ...{ mode: 'voice-or-key', waitMs: 6_000 },
    voice: { engine: 'embedded', experimental: true, ...voice },
    purposes: [quickPurpose('service', { question: VOICE_QUESTION })],
    ...changes,
  })

const opening = [
  'call.started',
  'call.answered',
  'prompt.ended disclosure complete',
  'consent.asked service 1',
]
const heard = 'prompt.ended question complete'
const recorded = [...eventsAfterYes, 'recording.finished finished']
const granted = { answers: { service: 'granted' }, decision: 'granted', recorded: ['service'] }
const refused = { answers: { service: 'refused' }, decision: 'refused' }
const ending = (answer: 'refused' | 'silent') => [
  `consent.answered service ${answer}`,
  'prompt.ended refused complete',
  `call.decided ${answer}`,
  'call.released continue',
]

/** What the journal says of how a call was answered. */
const answerOf = ({ events }: { events: { type: string; [field: string]: unknown }[] }) =>
  events.find(({ type }) => type === 'consent.answered') as { method?: string; voice?: object } | undefined

/** What holds in every language: lines that ask again, and that do not. */
const scenesOf = (
  language: HeardLanguage,
  { clear, no, weak, unclear }: Words,
  [again, once]: readonly [string, string],
  recordedPurposes: string[],
): CallScenario[] => {
  const scene = (
    title: string,
    number: string,
    rest: Omit<CallScenario, 'title' | 'dial'>,
  ): CallScenario => ({
    title: `${title} (${language})`,
    dial: { number },
    ...rest,
    ...(language === 'ru' && { language }),
  })
  return [
    scene('a spoken no is not recorded', again, {
      callerAction: sayAfterQuestion(no),
      ...refused,
      events: [...opening, heard, ...ending('refused')],
      check: (t, call) => void t.match(answerOf(call), { method: 'voice', voice: { class: 'no' } }),
    }),
    scene('a weak yes is confirmed by a clear one', again, {
      callerAction: inSequence(sayAfterQuestion(weak), sayAfterQuestion(clear, 2)),
      ...{ ...granted, recorded: recordedPurposes },
      events: [...opening, heard, 'speech.unsettled weak', 'consent.asked service 2', heard, ...recorded],
    }),
    scene('unclear speech is asked again, then by key', again, {
      callerAction: inSequence(
        ...[sayAfterQuestion(unclear), sayAfterQuestion(unclear, 2), pressInQuestion('1', 3)],
      ),
      ...granted,
      events: [
        ...opening,
        ...[heard, 'speech.unsettled unclear', 'consent.asked service 2'],
        ...[heard, 'speech.unsettled unclear', 'consent.asked service 3'],
        ...['prompt.ended question key', ...recorded],
      ],
    }),
    scene('who says nothing is silent', once, {
      ...{ answers: { service: 'silent' }, decision: 'silent' },
      events: [...opening, heard, ...ending('silent')],
    }),
    scene('a key before the end of the words settles the question', again, {
      callerAction: inSequence(sayAfterQuestion(beginOf(no)), ({ caller }) => caller.press('1')),
      ...granted,
      events: [...opening, heard, ...recorded],
      check: (t, call) => void t.match(answerOf(call), { method: 'key' }),
    }),
    scene('words over the question are not taken for an answer, and are asked for again', again, {
      callerAction: inSequence(
        sayOverQuestion(language === 'en' ? yes! : clear, language),
        pressInQuestion('2', 2),
      ),
      ...refused,
      events: [
        ...opening,
        ...[heard, 'speech.unsettled unclear', 'consent.asked service 2'],
        ...['prompt.ended question key', ...ending('refused')],
      ],
    }),
  ]
}

const scenes: CallScenario[] = [
  {
    title: 'a spoken yes is recorded, the journal says what was heard, and its words are kept, sealed',
    dial: { number: '201' },
    callerAction: sayAfterQuestion(en.clear),
    ...{ ...granted, recorded: kept },
    events: [...opening, heard, ...recorded],
    async check(t, call) {
      const { id, seconds } = call.recordings[1]!
      const { caller, agent } = await lab.open(id)
      // A packet that comes late leaves one of the two halves of the vowel as it was.
      const halves = [1_600, 2_400].map(from => en.clear.subarray(from, from + 800))
      t.ok(
        halves.some(half => findSpeech(caller, half)),
        'they are what the caller said',
      )
      t.ok(
        agent.every(sample => sample === 0),
        'and nobody else',
      )
      t.ok(seconds < 3, `${seconds} s`)
      t.match(answerOf(call), {
        method: 'voice',
        voice: { engine: 'embedded', class: 'yes', threshold: 0.7, scores: { yes: Number, grammar: 1 } },
      })
    },
  },
  {
    title: 'the same in Russian',
    dial: { number: '202' },
    callerAction: sayAfterQuestion(ru.clear),
    ...granted,
    language: 'ru',
    events: [...opening, heard, ...recorded],
    check: (t, call) => void t.match(answerOf(call), { method: 'voice' }),
  },
  {
    title: 'a spoken yes that needs a key is none without it',
    dial: { number: '203' },
    callerAction: sayAfterQuestion(en.clear),
    ...{ answers: { service: 'silent' }, decision: 'silent' },
    events: [
      ...opening,
      ...[heard, 'speech.unsettled needs-key', 'consent.asked service 2', heard],
      ...ending('silent'),
    ],
  },
  {
    title: 'a spoken yes that a key confirms was given by voice',
    dial: { number: '203' },
    callerAction: inSequence(sayAfterQuestion(en.clear), pressInQuestion('1', 2)),
    ...granted,
    events: [
      ...opening,
      ...[heard, 'speech.unsettled needs-key', 'consent.asked service 2', 'prompt.ended question key'],
      ...recorded,
    ],
    check(t, call) {
      const confirmed = { method: 'voice', confirmedBy: 'key', confirmedAfterMs: Number }
      t.match(answerOf(call), { ...confirmed, voice: { class: 'yes', threshold: 0.7 } })
    },
  },
  {
    title: 'where the engine is away, the question is heard to its end, and a key is the answer',
    dial: { number: '206' },
    callerAction: pressInQuestion('1', 2),
    ...granted,
    events: [
      ...[...opening, 'speech.lost speech.unavailable', heard, 'consent.asked service 2'],
      ...['prompt.ended question key', ...recorded],
    ],
    check: (t, call) => void t.match(answerOf(call), { method: 'key', voice: undefined }),
  },
  {
    title: 'who begins to speak before the end of the wait is not cut off by it',
    dial: { number: '204' },
    callerAction: async call => {
      const { at } = await call.waitForEvent(
        'prompt.ended',
        ({ role, end }) => role === 'question' && end === 'complete',
      )
      // The words, and the silence that ends them, last longer than the rest of the wait.
      await sleep(Math.max(0, Date.parse(String(at)) + WAIT_MS - LATE_MS - Date.now()))
      return call.caller.say(en.clear)
    },
    ...{ ...granted, recorded: kept },
    events: [...opening, heard, ...recorded],
    check: (t, call) => void t.match(answerOf(call), { method: 'voice', afterMs: Number }),
  },
  ...scenesOf('en', en, ['201', '204'], kept),
  ...scenesOf('ru', ru, ['202', '205'], ['service']),
]

const lab = await startCallLab(t, {
  // Nobody serves at this address.
  env: { CONSENTRY_EAR_STREAMS: '30', CONSENTRY_VOSK_EN: `ws://${LOOPBACK}:9` },
  lines: [
    voiceLine('201', {}, { keepAnswer }),
    voiceLine('202', { language: 'ru' }),
    voiceLine('203', { retries: 0 }, { keyAfterYes: true }),
    voiceLine('206', {}, { engine: 'vosk' }),
    voiceLine('205', { language: 'ru', retries: 0, waitMs: WAIT_MS }),
    voiceLine('204', { retries: 0, waitMs: WAIT_MS }, { keepAnswer }),
  ],
})
await lab.lab.service.waitUntilHearing()
await checkScenarios(t, lab, scenes, AT_ONCE)

t.test('an engine that is away raises an alarm that names it', async t => {
  const away = await alarmEvents(lab, 'speech-away')
  t.match(
    away.find(({ type, data }) => type === 'alarm.raised' && data.check === 'vosk-en')?.data.detail,
    /Vosk server at ws:\/\/127\.0\.0\.1:9 does not recognise/,
  )
})

t.test('no file has what callers said in clear', async t => {
  const needles = [yes!, ...Object.values(en), ...Object.values(ru)].flatMap(words => runsOf('alaw', words))
  const files = (await Promise.all([lab.lab.ready.data, lab.lab.ready.tap].map(listFilesBelow))).flat()
  t.ok(files.length > 100, `${files.length} files`)
  t.strictSame(await searchFiles(files, needles), [])
})
