// Real: PostgreSQL and the journal. Fake: the nodes, which are only names in the events of calls.
import t from 'tap'
import { startJournal } from '../../../src/journal/journal.js'
import { unfinishedCalls } from '../../../src/journal/read/unfinished-calls.js'
import { type CallEvent, event } from '../../../src/shared/events.js'
import { newCallId, newNodeId } from '../../../src/shared/ids.js'
import type { Owner } from '../../../src/shared/owner.js'
import { STARTED, started } from '../../support/data/call-events.js'
import { silent, testDatabase } from '../../support/processes/database.js'

t.test('a service recovers the calls of its own node, and those of which no owner is known', async t => {
  const { db, server } = await testDatabase(t)
  const journal = startJournal(server.url, silent)
  t.teardown(() => journal.stop())
  const own: Owner = { node: 'hall', keeper: '/d/keeper.sock', service: newNodeId() }
  const { node, keeper } = own
  const calls: [what: string, stated: Partial<Owner>, recovered: boolean][] = [
    ['ours', own, true],
    ['ours, under another name', { ...own, node: 'renamed', keeper: '/moved' }, true],
    ['of another node with the same name', { ...own, service: newNodeId() }, false],
    ['of an older version, ours', { node, keeper }, true],
    ['of an older version, another node', { node: 'other', keeper }, false],
    ['of an older version, another keeper', { node, keeper: '/e/keeper.sock' }, false],
    ['of the oldest version', {}, true],
  ]
  const ids = new Map<string, string>()
  for (const [what, stated] of calls) {
    const call = newCallId()
    ids.set(call, what)
    const began = started(call)
    await journal.append([{ ...began, data: { ...began.data, ...stated } } as CallEvent], 60_000)
  }
  const ended = newCallId()
  const began = started(ended)
  const over = event('call.ended', ended, STARTED + 9_000, { cause: 16, phase: 'released' })
  await journal.append([{ ...began, data: { ...began.data, ...own } } as CallEvent, over], 60_000)
  const found = await unfinishedCalls(db, own)
  t.strictSame(
    found.map(({ id }) => ids.get(id)).sort(),
    calls.flatMap(([what, , recovered]) => (recovered ? [what] : [])).sort(),
  )
})
