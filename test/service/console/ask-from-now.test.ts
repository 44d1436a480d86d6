// Real: the console's server, PostgreSQL with the console's role, the service socket, the journal. Fake: the calls, which only say what comes of it.
// The button *Ask* at a call on the page Now.
import t from 'tap'
import { labLines, voiceLine } from '../../../lab/lab-lines.js'
import { ROLES } from '../../../src/core/actor.js'
import { type CallEvent, type Decision, event } from '../../../src/core/events.js'
import { type CallId, newCallId, newNodeId } from '../../../src/core/ids.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import type { AskingCalls } from '../../../src/socket/ask-in-call.js'
import { person } from '../../support/data/actors.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../../support/data/journal.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'
import { answerAsks } from '../../support/processes/socket-handlers.js'

const { app, deps, people, requests, serviceUrl } = await testConsole(t)
const line = labLines.find(({ mode }) => mode === 'key')!
for (const number of ['700', '701']) await changeLines(deps, person('anna'), { ...line, number })
await changeLines(deps, person('anna'), voiceLine('703', 'ru'))
const [{ purposes, ...shared }, at] = [line, Date.now() - 60_000]
const [first] = purposes
await changeLines(deps, person('anna'), { ...shared, number: '702', mode: 'none', purposes: [] })
const journal = startTestJournal(t, serviceUrl)

/** A call that goes on. @param more what follows on its beginning */
async function goingOn(number: string, ...more: ((call: CallId) => CallEvent)[]): Promise<CallId> {
  const call = newCallId()
  const data = { line: number, policy: 1, language: 'ru' as const, mode: number === '702' ? 'none' : 'key' }
  const began = { ...data, channel: `pbx-${call}`, utcOffset: '+03:00', service: newNodeId() }
  await journal.append(
    [event('call.started', call, at, began, { caller: '+79161234567' }), ...more.map(make => make(call))],
    APPEND_LIMIT_MS,
  )
  return call
}
const answer =
  (
    answer: 'granted' | 'refused',
    retentionDays = first!.retentionDays,
    more: { inConversation?: true } = {},
  ) =>
  (call: CallId) =>
    event('consent.answered', call, at + 5_000, {
      ...{ purpose: first!.purpose, answer, method: 'key', legalBasis: first!.legalBasis, retentionDays },
      ...{ afterMs: 100, withdrawal: { keys: '*9', onWithdraw: 'destroy', language: 'ru' } },
      ...more,
    })
const decided = (decision: Decision, reason?: string) => (call: CallId) =>
  event('call.decided', call, at + 6_000, { decision, ...(reason && { reason }) })
const released = (call: CallId) =>
  event('call.released', call, at + 7_000, { next: 'continue', tapped: false })
const cameTo = (number: string) => (call: CallId) =>
  event('call.answered', call, at + 9_000, { line: number, policy: 1 })
const withdrew = (call: CallId) =>
  event('consent.withdrawn', call, at + 9_000, { purposes: [first!.purpose], keep: false })

const inConversation = answer('granted', first!.retentionDays, { inConversation: true })
const askedForAnother = (call: CallId) =>
  event('consent.requested', call, at + 8_000, {
    ...{
      by: 'line',
      purposes: [first!.purpose],
      line: '700',
      policy: 1,
      language: 'ru',
      recorded: newCallId(),
    },
  })
const calls: [what: string, call: CallId, askable: boolean][] = [
  ['after a no', await goingOn('700', answer('refused'), decided('refused'), released), true],
  [
    'after a no on a line by voice',
    await goingOn('703', answer('refused'), decided('refused'), released),
    true,
  ],
  ['after no question', await goingOn('700', decided('failed', 'overload'), released), true],
  ['after a yes', await goingOn('700', answer('granted'), decided('granted'), released), false],
  [
    'after a yes for a shorter term',
    await goingOn('701', answer('granted', 1), decided('granted'), released),
    true,
  ],
  [
    'after a withdrawal',
    await goingOn('700', answer('granted'), decided('granted'), released, withdrew),
    false,
  ],
  [
    'after a yes for the recording of another call',
    await goingOn('700', decided('failed', 'overload'), released, askedForAnother, inConversation),
    true,
  ],
  ['while being asked', await goingOn('700'), false],
  ['on a line that records nothing', await goingOn('702', decided('failed'), released), false],
  ['from there to a line that asks', await goingOn('702', decided('failed'), cameTo('700'), released), true],
  ['from a phone of the company', await goingOn('700', decided('failed', 'from-inside'), released), false],
]

/** The button of a call; undefined if there is none. */
const buttonOf = (body: string, call: CallId): string | undefined =>
  new RegExp(`<form method="post" action="/now/calls/${call}/ask">(<button.*?</button>)`, 's').exec(body)?.[1]

t.test(
  'supervisors have a button at each call, which can be pressed where there is something to ask',
  async t => {
    const { headers } = await people('supervisor')
    const page = async (language: string) =>
      (await app.inject({ url: '/now', headers: { ...headers, 'accept-language': language } })).body
    const [en, ru] = await Promise.all([page('en'), page('ru')])
    for (const [what, call, askable] of calls) {
      const button = buttonOf(en, call)
      t.equal(/ disabled/.test(button!), !askable, what)
      t.equal(/title="There is nothing to ask in this call right now."/.test(button!), !askable, what)
      t.match(button, />Ask</)
      t.match(
        button,
        /aria-label="Ask for consent to be recorded: line 70\d, .*4567"/,
        'the name begins with the words',
      )
      t.match(buttonOf(ru, call), />Спросить</)
      t.match(buttonOf(ru, call), /aria-label="Спросить о согласии на запись: линия 70\d, /)
    }
  },
)

t.test('no other role has the button', async t => {
  for (const role of ROLES.filter(one => one !== 'supervisor')) {
    const { headers } = await people(role)
    const { body } = await app.inject({ url: '/now', headers: { ...headers } })
    t.notMatch(body, /\/ask"/, role)
  }
})

let outcome: ReturnType<AskingCalls['ask']> = 'asked'
const [[, call]] = calls as [(typeof calls)[number]]
const { headers: supervisor } = await people('supervisor')
const ask = (language = 'en', id: string = call) =>
  app.inject({
    ...{ method: 'POST', url: `/now/calls/${id}/ask`, payload: '' },
    headers: { ...supervisor, ...FORM, 'accept-language': language },
  })

t.test('while the service is away, the page says so', async t => {
  const { statusCode, body } = await ask()
  t.equal(statusCode, 503)
  t.match(body, /role="alert".*The question does not begin\..*consentry serve/s)
})

t.test('the page says that the question begins, or in words why it does not', async t => {
  const asked: string[] = []
  await answerAsks(t, deps.config.data, id => {
    asked.push(id)
    return outcome
  })
  const begun = await ask()
  t.equal(begun.statusCode, 303)
  t.match(begun.headers.location, /^\/now\?done=/)
  t.strictSame(asked, [call])
  const shown = async (headers: object) =>
    (await app.inject({ url: String(begun.headers.location), headers: { ...headers } })).body
  t.match(await shown({ ...supervisor, 'accept-language': 'en' }), /role="status".*The question begins\./s)
  t.notMatch(
    await shown((await people('supervisor')).headers),
    /The question begins/,
    'to whom has not done it',
  )
  t.match(
    (await requests()).find(({ action }) => action === 'call.ask'),
    { status: 503 },
  )
  t.match(
    (await requests()).findLast(({ action }) => action === 'call.ask'),
    { status: 303, about: call },
  )

  const reasons: [typeof outcome, number, RegExp, RegExp][] = [
    ['not-talking', 409, /is in no conversation now/, /ни с кем не говорит/],
    ['asking', 409, /is being asked/, /уже спрашивают/],
    ['paused', 409, /are paused/, /на паузу/],
    ['nothing-to-ask', 409, /There is nothing to ask: the line/, /Спрашивать не о чем: на всё/],
    ['from-inside', 409, /phone of the company/, /телефона компании/],
    ['unknown', 404, /No such call is under way/, /звонок не идёт/],
  ]
  for (const [why, status, inEnglish, inRussian] of reasons) {
    outcome = why
    for (const [language, words] of [
      ['en', inEnglish],
      ['ru', inRussian],
    ] as const) {
      // A session that sends an equal form within a second gets the answer of the first.
      const { statusCode, body } = await ask(language, newCallId())
      t.equal(statusCode, status, why)
      const [note] = /<div class="note wrong" role="alert">.*?<\/div><\/div>/s.exec(body) ?? ['']
      t.match(note, words, `${why} ${language}`)
      t.match(body, /id="now-calls"/, 'with the page')
    }
  }
  t.equal((await ask('en', 'x')).statusCode, 404)
})
