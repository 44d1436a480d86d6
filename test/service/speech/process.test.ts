// Real: the speech process, its ports and signals. Fake: the PBX that sends, the listener and the engines.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import t, { type Test } from 'tap'
import { decodeG711, encodeG711 } from '../../../lab/audio/g711.js'
import { concatSamples, silence, tone } from '../../../lab/audio/signals.js'
import { LOOPBACK } from '../../../lab/ports.js'
import { systemClock } from '../../../src/core/clock.js'
import type { HearingTerms } from '../../../src/core/speech.js'
import { processRuns } from '../../../src/lib/process/process-runs.js'
import { createHearing, type Hearing } from '../../../src/speech/hearing.js'
import { exactly } from '../../support/assertions/exactly.js'
import { silent, until } from '../../support/processes/database.js'
import { EMBEDDED, eventSink, startHearing, TERMS } from '../../support/processes/hearing.js'
import { RtpSender } from '../../support/processes/rtp-sender.js'

/** Callers fall back to keys within this time, ms. The last part is for a busy machine. */
const FALLBACK_MS = 2_500 + 1_500

/** Opens a question, and begins to send silence to it. */
async function ask(t: Test, hearing: Hearing, more: Partial<HearingTerms> = {}) {
  const sink = eventSink()
  const open = await hearing.open({ ...TERMS, ...more }, sink.onEvent)
  const pbx = await RtpSender.open()
  t.teardown(() => {
    open.close()
    pbx.close()
  })
  open.announce(pbx.source)
  await pbx.say(silence(100), open.port)
  return { ...sink, open, pbx }
}

t.test('what is said after the prompt is heard as it was sent', async t => {
  const hearing = await startHearing(t)
  const { open, pbx, first, events } = await ask(t, hearing)
  t.equal(open.host, LOOPBACK)
  const said = decodeG711(encodeG711(tone([500], 400), 'alaw'), 'alaw')
  await pbx.say(concatSamples(tone([800], 200), silence(100)), open.port)
  open.promptEnded()
  await pbx.say(concatSamples(silence(200), said, silence(400)), open.port)
  const words = createHash('sha256').update(said).digest('hex')
  t.match(await first(), { event: 'heard', answer: { heard: 'yes', words, terms: TERMS } })
  t.equal(events[0]?.event, 'speaking', 'it is told before that somebody speaks')
  const { answer } = events[1] as Extract<(typeof events)[number], { event: 'heard' }>
  t.ok(Math.abs(answer.beganMs - 600) <= 40, `it began at ${answer.beganMs} ms`)
  t.equal(hearing.size, 1, 'the question stays open')
  open.close()
  t.equal(hearing.size, 0)
})

t.test('the sound of a yes comes with it only where the question wants it', async t => {
  const hearing = await startHearing(t)
  for (const keepYes of [true, undefined] as const) {
    const { open, pbx, first } = await ask(t, hearing, { ...(keepYes && { keepYes }) })
    open.promptEnded()
    await pbx.say(concatSamples(silence(100), tone([500], 400), silence(400)), open.port)
    const heard = await first()
    if (heard.event !== 'heard') throw new Error('nothing was heard')
    const { sound, answer } = heard
    if (!keepYes) t.equal(sound, undefined)
    else t.equal(createHash('sha256').update(sound!).digest('hex'), answer.words, 'it is what was heard')
  }
})

t.test('the process stands back, dumps no core, and gets no settings in its environment', async t => {
  process.env['CONSENTRY_TEST_SECRET'] = 'secret'
  t.teardown(() => delete process.env['CONSENTRY_TEST_SECRET'])
  const { pid } = await startHearing(t)
  const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
  t.ok(getPriority(pid) >= 2, 'it gives way to calls')
  t.match(read('limits'), /^Max core file size\s+0\s+0/m)
  t.equal(read('oom_score_adj').trim(), '700')
  t.notMatch(read('environ'), /CONSENTRY_TEST_SECRET/)
  t.match(read('environ'), /ORT_DISABLE_TELEMETRY=1/)
  t.match(read('cmdline'), /^consentry speech/)
})

t.test('more questions than streams are refused, until one is closed', async t => {
  const hearing = await startHearing(t, { streams: 2 })
  const [one] = await Promise.all([hearing.open(TERMS, () => {}), hearing.open(TERMS, () => {})])
  await t.rejects(
    hearing.open(TERMS, () => {}),
    { code: 'speech.busy' },
  )
  one.close()
  const next = await hearing.open(TERMS, () => {})
  t.ok(next.port > 0)
})

t.test('an engine that is missing is a trouble, and the others hear', async t => {
  const settings = { sherpa: { ru: { kind: 'tone-ctc', folder: '/nowhere' } } } as const
  const hearing = await startHearing(t, settings, [], [...EMBEDDED, { engine: 'sherpa', language: 'ru' }])
  t.match(hearing.trouble, /no model in \/nowhere/)
  t.match(hearing.engines, exactly({ engine: 'embedded' }, { engine: 'embedded' }, { engine: 'sherpa' }))
  await t.rejects(
    hearing.open({ ...TERMS, engine: 'sherpa' }, () => {}),
    { code: 'speech.unavailable', message: /nowhere/ },
  )
  t.ok((await hearing.open(TERMS, () => {})).port > 0)
})

t.test(
  'an engine without a setting for a language is a trouble that names it, if a line needs it',
  async t => {
    const message = 'the engine vosk does not hear ru: set CONSENTRY_VOSK_RU'
    const hearing = await startHearing(t, {}, [], [...EMBEDDED, { engine: 'vosk', language: 'ru' }])
    t.equal(hearing.trouble, message)
    await t.rejects(
      hearing.open({ ...TERMS, engine: 'vosk' }, () => {}),
      { code: 'speech.not-set-up', message },
    )
    const ofDraft = { ...TERMS, engine: 'sherpa' } as const
    await until(async () => {
      const refused = await hearing.open(ofDraft, () => {}).catch(error => error)
      return refused.code === 'speech.not-set-up'
    })
    t.equal(hearing.trouble, message, 'a draft that is tried raises no alarm')
    t.ok((await hearing.open(TERMS, () => {})).port > 0)
  },
)

t.test('a question to which no audio comes fails', async t => {
  const hearing = await startHearing(t)
  const { first } = await ask(t, hearing)
  t.match(await first(), { event: 'failed', reason: 'no-audio' })
  t.equal(hearing.size, 0)
})

/** Asserts that a question can be opened again. On a busy machine the first attempts may take too long. */
async function hearsAgain(t: Test, hearing: Hearing): Promise<void> {
  let port = 0
  await until(async () => {
    port = await hearing
      .open(TERMS, () => {})
      .then(
        open => open.port,
        () => 0,
      )
    return port > 0
  })
  t.ok(port > 0, 'it hears again')
}

/** Asserts that the questions fail in time, and that a new process hears again. */
async function comesBack(
  t: Test,
  hearing: Hearing,
  asked: Awaited<ReturnType<typeof ask>>[],
  from: number,
  reason: string,
) {
  for (const { first } of asked) t.match(await first(), { event: 'failed', reason })
  const took = performance.now() - from
  t.ok(took < FALLBACK_MS, `callers answer by key after ${Math.round(took)} ms`)
  t.type(hearing.trouble, 'string', 'an alarm can be raised')
  await t.rejects(
    hearing.open(TERMS, () => {}),
    { code: 'speech.unavailable' },
  )
  await hearsAgain(t, hearing)
}

t.test('after SIGKILL every open question fails at once, and the process is started again', async t => {
  const hearing = await startHearing(t)
  const asked = await Promise.all([ask(t, hearing), ask(t, hearing)])
  const { pid } = hearing
  const from = performance.now()
  process.kill(pid!, 'SIGKILL')
  await comesBack(t, hearing, asked, from, 'speech-process-ended')
  t.not(hearing.pid, pid)
})

t.test('after SIGSTOP every open question fails within seconds, and the process is replaced', async t => {
  const hearing = await startHearing(t)
  const asked = [await ask(t, hearing)]
  const { pid } = hearing
  const from = performance.now()
  process.kill(pid!, 'SIGSTOP')
  await comesBack(t, hearing, asked, from, 'speech-process-hung')
  t.not(hearing.pid, pid)
  t.notOk(processRuns(pid!))
})

t.test('a process that was only stopped for a moment hears again, without a new one', async t => {
  const hearing = await startHearing(t)
  const [asked] = [await ask(t, hearing)]
  const { pid } = hearing
  process.kill(pid!, 'SIGSTOP')
  t.match(await asked.first(), { event: 'failed', reason: 'speech-process-hung' })
  process.kill(pid!, 'SIGCONT')
  await hearsAgain(t, hearing)
  t.equal(hearing.pid, pid)
  t.equal(asked.events.length, 1, 'the failed question reports nothing more')
})

/** Speaks to an engine that misbehaves; see `speech-child.ts`. */
async function speakTo(t: Test, threshold: number, flags: string[] = []) {
  const hearing = await startHearing(t, {}, flags)
  const asked = await ask(t, hearing, { threshold })
  asked.open.promptEnded()
  await asked.pbx.say(concatSamples(tone([500], 100), silence(400)), asked.open.port)
  return { hearing, asked, from: performance.now() }
}

t.test('an engine that fails, fails its question alone', async t => {
  const { hearing, asked } = await speakTo(t, 0.05)
  t.match(await asked.first(), { event: 'failed', reason: 'speech.failed' })
  t.equal(hearing.trouble, undefined)
  t.ok((await hearing.open(TERMS, () => {})).port > 0)
})

t.test('an engine that hangs takes the process with it', async t => {
  const { hearing, asked, from } = await speakTo(t, 0.15)
  await comesBack(t, hearing, [asked], from, 'speech-process-hung')
})

t.test('an engine that is stuck has the process replaced, although that still answers', async t => {
  const { hearing, asked, from } = await speakTo(t, 0.45)
  const { pid } = hearing
  await comesBack(t, hearing, [asked], from, 'speech-process-hung')
  t.not(hearing.pid, pid)
})

t.test('an engine that fills the memory ends the process alone', async t => {
  const { asked, hearing } = await speakTo(t, 0.25, ['--max-old-space-size=24'])
  t.match(await asked.first(), { event: 'failed', reason: /^speech-process-(hung|ended)$/ })
  await hearsAgain(t, hearing)
})

t.test('an engine that ends the process fails its question', async t => {
  const { hearing, asked, from } = await speakTo(t, 0.35)
  await comesBack(t, hearing, [asked], from, 'speech-process-ended')
})

t.test('the process ends when it is told to, and fails nobody', async t => {
  const hearing = await startHearing(t)
  const { events } = await ask(t, hearing)
  const { pid } = hearing
  await hearing.stop()
  await until(() => !processRuns(pid!))
  t.strictSame(events, [])
})

t.test('a process that is ready only when it is told to end leaves no timer', async t => {
  const timers = new Map<object, () => void>()
  t.teardown(() => {
    for (const cancel of timers.values()) cancel()
  })
  const clock = {
    ...systemClock,
    after(ms: number, fn: () => void) {
      const timer = {}
      const cancel = systemClock.after(ms, () => {
        timers.delete(timer)
        fn()
      })
      timers.set(timer, cancel)
      return () => {
        timers.delete(timer)
        cancel()
      }
    },
  }
  const late = `
    process.on('message', () => {})
    process.on('SIGTERM', () => process.send({ t: 'ready' }, () => setTimeout(() => process.exit(), 300)))
    process.send({ t: 'engines', engines: [{ engine: 'embedded', language: null, trouble: 'late' }] })`
  const settings = { host: LOOPBACK, streams: 1, root: '/', vosk: {}, sherpa: {} }
  const command = [process.execPath, '--eval', late] as const
  const hearing = createHearing({ settings, command: [...command], clock, log: silent })
  hearing.want(EMBEDDED)
  await until(() => hearing.engines.length > 0)
  await hearing.stop()
  t.equal(timers.size, 0)
})
