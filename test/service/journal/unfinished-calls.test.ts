// Real: PostgreSQL and the journal. Fake: the nodes, which are only names in the events of calls.
import t from 'tap'
import { type CallEvent, event } from '../../../src/core/events.js'
import { type NodeId, newCallId, newEventId, newNodeId } from '../../../src/core/ids.js'
import type { Owner } from '../../../src/core/owner.js'
import { startJournal } from '../../../src/journal/journal.js'
import { unfinishedCalls } from '../../../src/journal/read/unfinished-calls.js'
import { exactly } from '../../support/assertions/exactly.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { answered, prepared, SERVICE, STARTED, started, WITHDRAWAL } from '../../support/data/call-events.js'
import { silent, testDatabase } from '../../support/processes/database.js'

t.test('a service recovers the calls of its own node', async t => {
  const { db, server } = await testDatabase(t)
  const journal = startJournal(server.url, silent)
  t.teardown(() => journal.stop())
  const own: Owner = { node: 'hall', service: SERVICE }
  const calls: [what: string, service: NodeId, recovered: boolean][] = [
    ['ours', own.service, true],
    ['of another node', newNodeId(), false],
  ]
  const ids = new Map<string, string>()
  for (const [what, service] of calls) {
    const call = newCallId()
    ids.set(call, what)
    const began = started(call)
    await journal.append([{ ...began, data: { ...began.data, service } } as CallEvent], 60_000)
  }
  const ended = newCallId()
  const began = started(ended)
  const over = event('call.ended', ended, STARTED + 9_000, { cause: 16, phase: 'released' })
  await journal.append([began, over], 60_000)
  const found = await unfinishedCalls(db, own)
  t.strictSame(
    found.map(({ id }) => ids.get(id)).sort(),
    calls.flatMap(([what, , recovered]) => (recovered ? [what] : [])).sort(),
  )
})

/** The caller heard the whole disclosure. */
const disclosure = {
  role: 'disclosure',
  prompt: 'disclosure-key',
  version: 1,
  text: '',
  sha256: '',
  end: 'complete',
  heardMs: 7_000,
  lengthMs: 7_000,
} as const

t.test('of a call that came back, the last visit is told from the visits before', async t => {
  const { db, server } = await testDatabase(t)
  const journal = startJournal(server.url, silent)
  t.teardown(() => journal.stop())
  const [call, at] = [newCallId(), (seconds: number) => STARTED + seconds * 1_000]
  const own: Owner = { node: 'hall', service: SERVICE }
  const read = async () => (await unfinishedCalls(db, own))[0]
  const yes = answered(call)
  const took = prepared(call, yes)
  await journal.append(
    [
      started(call),
      event('call.answered', call, at(1), { line: '100', policy: 1 }),
      event('prompt.ended', call, at(8), disclosure),
      yes,
      took,
    ],
    60_000,
  )
  t.strictSame((await read())?.answers[0]?.announced?.words, undefined, 'as an older version journalled it')
  const visit = { policy: 1, visitStartedAt: STARTED, answered: true, disclosed: true }
  t.match(await read(), {
    ...{ ...visit, decided: null, tap: 'a', returned: false },
    answers: exactly({ purpose: 'service', recorded: true, earlier: false }),
  })

  const over = event('call.released', call, at(10), { next: 'continue', tapped: true })
  await journal.append([event('call.decided', call, at(10), { decision: 'granted' }), over], 60_000)
  t.match(await read(), {
    ...{ ...visit, decided: 1, returned: true },
    answers: exactly({ purpose: 'service', earlier: false }),
  })

  const second = { line: '200', policy: 3 }
  await journal.append([event('call.answered', call, at(30), second)], 60_000)
  const back = { ...second, visitStartedAt: at(30), decided: 1, returned: false, disclosed: false }
  const first = { purpose: 'service', recorded: true, earlier: true }
  t.match(await read(), { ...back, tap: null, answers: exactly(first) })

  await journal.append([event('prompt.ended', call, at(35), disclosure)], 60_000)
  t.match(await read(), { ...back, disclosed: true, cutAfterMs: null })
  const cut = { ...disclosure, end: 'key', heardMs: 190 } as const
  await journal.append([event('prompt.ended', call, at(36), cut)], 60_000)
  const heard = { disclosed: true, disclosure: { prompt: 'disclosure-key', version: 1 } }
  t.match(await read(), { ...back, ...heard, cutAfterMs: 190 })
  const given = { ...answered(call, 'granted', 'marketing'), at: at(40) }
  const words = { language: 'en', disclosure: { prompt: 'disclosure-key', version: 3 } }
  const more = { ...given, data: { ...given.data, told: words } } as CallEvent
  await journal.append([more], 60_000)
  const announced = (await read())?.answers.find(({ purpose }) => purpose === 'marketing')?.announced
  t.strictSame(announced, { basis: 'consent', days: 30, asked: true, words })
  t.match(await read(), {
    ...{ ...back, disclosed: true, tap: null },
    answers: exactly(first, { purpose: 'marketing', recorded: false, earlier: false }),
  })
  const prefix = '/t/b'
  const taken = prepared(call, more, 'marketing')
  await journal.append([{ ...taken, data: { ...taken.data, tap: prefix } } as CallEvent], 60_000)
  t.match(await read(), {
    line: '200',
    tap: 'b',
    answers: exactly(first, { recorded: true, earlier: false }),
  })

  await journal.append([{ ...over, at: at(50), id: newEventId() }], 60_000)
  t.match(await read(), { ...second, returned: true, fromInside: false })
  await journal.append(
    [event('call.decided', call, at(51), { decision: 'failed', reason: 'from-inside' })],
    60_000,
  )
  t.match(await read(), { fromInside: true, joined: null })

  const [other, joined] = [newCallId(), newCallId()]
  const joining = { ...started(other).data, ...own, joined }
  await journal.append([{ ...started(other), data: joining } as CallEvent], 60_000)
  const found = await unfinishedCalls(db, own)
  t.strictSame(found.find(({ id }) => id === other)?.joined, joined)
})

t.test('an answer for the recording of another call is told from those for the own one', async t => {
  const { db, server } = await testDatabase(t)
  const journal = startJournal(server.url, silent)
  t.teardown(() => journal.stop())
  const own: Owner = { node: 'hall', service: SERVICE }
  const [call, recorded, at] = [newCallId(), newCallId(), (seconds: number) => STARTED + seconds * 1_000]
  const began = started(call)
  const asked = (of: typeof recorded | null, purpose: string) => [
    event('consent.requested', call, at(5), {
      ...{ by: 'line', purposes: [purpose], line: '100', policy: 1, language: 'en', recorded: of },
    }),
    event('prompt.ended', call, at(6), disclosure),
    aside(answered(call, 'granted', purpose)),
  ]
  const aside = (one: CallEvent) => ({ ...one, data: { ...one.data, inConversation: true } }) as CallEvent
  await journal.append(
    [
      { ...began, data: { ...began.data, ...own, joined: recorded } } as CallEvent,
      event('call.released', call, at(4), { next: 'continue', tapped: false, reason: 'joined' }),
      ...asked(recorded, 'service'),
      ...asked(null, 'quality'),
    ],
    60_000,
  )
  const flags = async () =>
    (await unfinishedCalls(db, own))[0]?.answers
      .map(({ purpose, elsewhere, earlier }) => [purpose, elsewhere, earlier])
      .sort()
  t.strictSame(await flags(), [
    ['quality', false, false],
    ['service', true, false],
  ])
  await journal.append(
    [
      event('call.answered', call, at(30), { line: '200', policy: 3 }),
      { ...answered(call, 'granted', 'marketing'), at: at(40) },
    ],
    60_000,
  )
  t.strictSame(await flags(), [
    ['marketing', false, false],
    ['quality', false, true],
    ['service', true, true],
  ])
  t.match((await unfinishedCalls(db, own))[0], { disclosed: false, joined: null }, 'of this visit')
})

t.test('an answer has the terms of withdrawal that its caller heard, whatever the line says now', async t => {
  const { db, server } = await testDatabase(t)
  const journal = startJournal(server.url, silent)
  t.teardown(() => journal.stop())
  const call = newCallId()
  const own: Owner = { node: 'hall', service: SERVICE }
  const terms = { keys: '#5', onWithdraw: 'keep', language: 'ru' } as const
  const began = started(call)
  const yes = answered(call)
  const other = { ...answered(call, 'granted', 'marketing'), at: STARTED + 12_000 }
  await journal.append(
    [began, { ...yes, data: { ...yes.data, withdrawal: terms } } as CallEvent, other],
    60_000,
  )
  const [found] = await unfinishedCalls(db, own)
  t.strictSame(
    found?.answers.map(({ purpose, terms }) => [purpose, terms]),
    [
      ['service', terms],
      ['marketing', WITHDRAWAL],
    ],
    'each has its own',
  )
})

t.test(
  'of an answer that was given again on another line, the later one counts on the basis of the first',
  async t => {
    const { db, server } = await testDatabase(t)
    const journal = startJournal(server.url, silent)
    t.teardown(() => journal.stop())
    const own: Owner = { node: 'hall', service: SERVICE }
    const [call, at] = [newCallId(), (seconds: number) => STARTED + seconds * 1_000]
    const [began, yes] = [started(call), answered(call)]
    const again = (kind: 'granted' | 'refused', seconds: number) => {
      const one = answered(call, kind)
      const data = { ...one.data, legalBasis: 'contract', inConversation: true, again: true }
      return { ...one, at: at(seconds), data } as CallEvent
    }
    await journal.append([began, yes], 60_000)
    const found = async () =>
      (await unfinishedCalls(db, own))[0]?.answers.map(({ answer, event, announced, superseded }) => ({
        ...{ answer, isFirst: event === yes.id, basis: announced?.basis, superseded: superseded === true },
      }))
    const first = { answer: 'granted', isFirst: true, superseded: true }
    await journal.append([again('granted', 40)], 60_000)
    const later = { isFirst: true, basis: 'contract', superseded: false }
    matchEach(t, await found(), [first, { ...later, answer: 'granted' }])
    await journal.append([again('refused', 50)], 60_000)
    matchEach(t, await found(), [first, { ...later, answer: 'refused' }])
    const row = await db
      .selectFrom('answer')
      .select(['answer', 'event'])
      .where('call_id', '=', call)
      .execute()
    t.strictSame(row, [{ answer: 'granted', event: yes.id }], 'a recording may rest on it')
  },
)
