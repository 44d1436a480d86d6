// Real: one recovered call. Fake: the PBX, the journal, the recorder, the prompts and the clock.
import t from 'tap'
import type { AnnouncedWords } from '../../../../src/core/announcement.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { keyLine } from '../../../support/data/policies.js'
import { inApp, onSecondLine, recover, second, yes } from '../../../support/fakes/recovered-call.js'

/** A call whose caller agreed on the first line, was recorded, and is asked on the second line now. */
const earlier = { ...yes, recorded: true, earlier: true }
const cameBack = {
  line: second.number,
  policy: second.version,
  disclosed: false,
  answers: [earlier],
  decided: 1,
}
const secondYes = { ...yes, purpose: 'marketing' }
const agreedTwice = { ...cameBack, answers: [earlier, secondYes] }

t.test('a caller on a second line hears its disclosure, and is asked what it asks', async t => {
  const { hear, last, taps } = await recover(cameBack, onSecondLine)
  for (const prompt of ['interrupted', 'disclosure-key', 'question-marketing']) {
    t.equal(last(), `play ${prompt}`)
    await hear()
  }
  t.strictSame(taps, [])
  const heard = await recover({ ...cameBack, disclosed: true }, onSecondLine)
  await heard.hear()
  t.equal(heard.last(), 'play question-marketing', 'a disclosure that was heard on that line is not repeated')
})

t.test('a yes on a second line is recorded, and what the first line did with its yes stays', async t => {
  for (const recorded of [true, false]) {
    const answers = [{ ...earlier, recorded }, secondYes]
    const { taps, hear, last, types } = await recover({ ...cameBack, answers }, onSecondLine)
    t.strictSame(taps, [`prepare 200 marketing ${yes.event} 7`])
    await hear()
    t.equal(last(), 'return-to-dialplan granted')
    t.strictSame(types(), ['prompt.ended', 'call.decided', 'call.released'])
  }
  const prepared = [earlier, { ...secondYes, recorded: true }]
  const ready = await recover({ ...cameBack, answers: prepared }, onSecondLine, { readyTap: '/tap/two' })
  await ready.hear()
  t.equal(ready.channel.orders.at(-1), 'return-to-dialplan granted /tap/two')
})

t.test('an earlier yes that was not recorded is neither confirmed nor prepared on a second line', async t => {
  const no = { ...secondYes, answer: 'refused' as const }
  const answers = [{ ...earlier, recorded: false }, no]
  const { taps, channel } = await recover({ ...cameBack, answers }, onSecondLine)
  t.strictSame([channel.orders, taps], [['return-to-dialplan granted null'], []])
})

t.test('a yes on a second line is recorded although nothing can be asked any more', async t => {
  const late = await recover({ ...agreedTwice, visitStartedAt: -60_000 }, onSecondLine)
  const lost = await recover(agreedTwice, null)
  const unknown = await recover(agreedTwice, { in: 'unknown' })
  for (const { channel } of [late, lost, unknown])
    t.strictSame(channel.orders, ['return-to-dialplan granted /tap/new'])
})

t.test('only what the second line asks fails there', async t => {
  const late = await recover({ ...cameBack, visitStartedAt: -60_000 }, onSecondLine)
  const gone = await recover(cameBack, { in: 'dialplan' })
  for (const { events } of [late, gone])
    matchEach(
      t,
      events.filter(({ type }) => type === 'consent.answered'),
      [{ data: { purpose: 'marketing', answer: 'failed' } }],
    )
})

t.test('a caller who reached another line before the return was journalled is asked there again', async t => {
  const answers = [{ ...yes, recorded: true }]
  const options = { readyTap: '/tap/one', hasAudio: true }
  const { taps, events, last, hear } = await recover({ answers }, onSecondLine, options)
  t.match(events.find(({ type }) => type === 'call.released')?.data, { tapped: true })
  t.equal(last(), 'play disclosure-key')
  await hear()
  t.equal(last(), 'play question-marketing')
  t.strictSame(taps, [], 'the recording of the first line continues')
  const asked = await recover({}, onSecondLine)
  t.match(asked.events[0]?.data, { purpose: 'service', answer: 'failed', reason: 'left' })
  t.equal(asked.last(), 'play disclosure-key', 'the disclosure of the first line does not count')
})

t.test('a tap that has audio is not handed over again', async t => {
  const options = { readyTap: '/tap/one', hasAudio: true }
  const { channel, taps } = await recover({ answers: [{ ...yes, recorded: true }] }, inApp, options)
  t.strictSame([channel.orders, taps], [['return-to-dialplan granted null'], []])
})

t.test('a journalled yes holds on another line if that line tells it in the same words', async t => {
  const wordsOf = (disclosure: string, version = 1): AnnouncedWords => ({
    ...{ language: 'en', disclosure: { prompt: disclosure, version } },
    question: { prompt: 'question-service', version },
  })
  const cases: [words: AnnouncedWords | undefined, holds: boolean, what: string][] = [
    [wordsOf('disclosure-key'), true, 'the same words'],
    [{ ...wordsOf('disclosure-key', 2), language: 'ru' }, true, 'in another language'],
    [wordsOf('disclosure-another'), false, 'another disclosure'],
    [wordsOf('disclosure-key', 2), false, 'another version of the words'],
    [undefined, true, 'nothing was played'],
  ]
  for (const [words, holds, what] of cases) {
    const announced = { basis: 'consent', days: 30, asked: true, words }
    const { call } = await recover({ returned: true, answers: [{ ...yes, recorded: true, announced }] }, null)
    t.ok(call.standing.agreed.has('service'), 'on the line where it was given')
    call.handleFact({ fact: 're-entered', policy: { ...keyLine, number: '300' } })
    t.equal(call.standing.agreed.has('service'), holds, what)
    t.strictSame(call.standing.recorded, ['service'])
  }
})
