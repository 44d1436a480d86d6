// Real: an open question and its port. Fake: the PBX that sends, the listener, the recogniser, the clock.
import t, { type Test } from 'tap'
import { silence } from '../../../../lab/audio/signals.js'
import { LOOPBACK } from '../../../../lab/ports.js'
import { AppError } from '../../../../src/core/errors.js'
import { OpenQuestion } from '../../../../src/speech/process/open-question.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { fakeRecognizer } from '../../../support/fakes/fake-recognizer.js'
import { until } from '../../../support/processes/database.js'
import { RtpSender } from '../../../support/processes/rtp-sender.js'

/** Opens a question, and announces the PBX. @param failure what the listener throws when it gets audio */
async function ask(t: Test, failure?: Error) {
  const clock = new FakeClock()
  const reasons: string[] = []
  const question = await OpenQuestion.open({
    ...{ host: LOOPBACK, clock, recognizer: fakeRecognizer(() => ({ heard: 'yes', scores: {} })) },
    terms: { language: 'en', engine: 'embedded', threshold: 0.7 },
    createListener: () => ({
      push() {
        if (failure) throw failure
      },
      promptEnded() {},
      close() {},
    }),
    ...{ onSpeaking() {}, onAnswer() {}, onFailed: reason => void reasons.push(reason) },
  })
  const pbx = await RtpSender.open()
  t.teardown(() => {
    question.close()
    pbx.close()
  })
  question.announce(pbx.source)
  return { clock, reasons, say: () => pbx.say(silence(100), question.port) }
}

t.test('a question to which nothing comes for three seconds fails, with a code', async t => {
  const { clock, reasons } = await ask(t)
  clock.advance(2_999)
  t.strictSame(reasons, [])
  clock.advance(3_001)
  t.strictSame(reasons, ['no-audio'], 'once')
})

t.test('a listener that fails, fails the question with a code, and no text', async t => {
  for (const [failure, code] of [
    [new Error('cannot read /srv/model'), 'speech.failed'],
    [new AppError('speech.busy', 'it hears enough'), 'speech.busy'],
  ] as const) {
    const { reasons, say } = await ask(t, failure)
    await say()
    await until(() => reasons.length > 0)
    t.strictSame(reasons, [code])
  }
})
