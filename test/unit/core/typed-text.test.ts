// Real: the table of the texts that the log does not publish, the encoding of events. Fake: none.
import t from 'tap'
import { callStarted } from '../../../src/call/run/call-started.js'
import { type CallEvent, type EventData, event } from '../../../src/core/events.js'
import {
  type ChannelId,
  newCallId,
  newDraftId,
  newHoldId,
  newNodeId,
  newRecordingId,
} from '../../../src/core/ids.js'
import type { LinePolicy } from '../../../src/core/policy.js'
import { PUBLIC_MEMBERS, typedIn, withTyped } from '../../../src/core/typed-text.js'
import { encodeEvent } from '../../../src/journal/write/encode-event.js'

const NUMBER = '+79161234567'
const AT = Date.UTC(2026, 0, 31)
const rowOf = (one: CallEvent) => JSON.parse(encodeEvent(one))

t.test('what people type is in the personal part alone, and readers have it as before', async t => {
  const data: EventData['hold.placed'] = {
    hold: newHoldId(),
    kind: 'hold',
    on: 'number',
    reason: `${NUMBER} complained`,
    by: NUMBER,
    expiresAt: null,
  }
  const row = rowOf(event('hold.placed', null, AT, data, { number: NUMBER }))
  t.notMatch(JSON.stringify({ ...row, personal: null }), /9161234567/)
  t.strictSame(row.personal, { number: NUMBER, by: NUMBER, reason: `${NUMBER} complained` })
  t.match(row.personal_hash, /^[0-9a-f]{64}$/)
  t.strictSame(withTyped('hold.placed', row.data, row.personal), data)
})

t.test('a name one level down is typed, too, and its neighbours stay', async t => {
  const data = {
    by: 'anna',
    way: 'console',
    before: null,
    after: { number: '100' },
    draft: { id: 'd', revision: 3, approvedBy: NUMBER },
  } as unknown as EventData['line.changed']
  const row = rowOf(event('line.changed', null, AT, data))
  t.strictSame(row.data.draft, { id: 'd', revision: 3 })
  t.strictSame(row.personal, { by: 'anna', 'draft.approvedBy': NUMBER })
  t.strictSame(withTyped('line.changed', row.data, row.personal), data)
  const { draft: _, ...plain } = data
  t.strictSame(withTyped('line.changed', rowOf(event('line.changed', null, AT, plain)).data, null), {
    way: 'console',
    before: null,
    after: { number: '100' },
  })
})

t.test('an event whose texts were erased can be read', async t => {
  t.strictSame(withTyped('recording.opened', { how: 'play' }, { by: 'anna' }), { how: 'play', by: 'anna' })
})

t.test('nobody typed these: no name, a program, and the audio that an agent paused', async t => {
  const nobody = { by: null, token: null, session: null, way: 'token', action: 'line.list' } as const
  t.strictSame(rowOf(event('console.limited', null, AT, nobody)).data, nobody)
  t.equal(rowOf(event('console.limited', null, AT, nobody)).personal, undefined)
  t.equal(typedIn('recording.paused'), undefined)
  const paused = { recording: newRecordingId(), by: 'agent', caller: 1, agent: 2 } as const
  t.strictSame(rowOf(event('recording.paused', newCallId(), AT, paused)).data, paused)
})

/** The name of a host, which is that of its node unless a setting says otherwise. */
const HOST = 'vault-7.example.org'
/** What only somebody on this machine or in its network knows. */
const OF_MACHINE = /vault-7|\/srv\//

t.test('what names this machine is in the personal part alone, and readers have it as before', async t => {
  const [by, way] = ['anna', 'command'] as const
  const prompt = { prompt: 'refused', language: 'en', version: 3, sha256: 'ab' } as const
  const draft = { draft: newDraftId(), line: '100', revision: 1, by, way }
  const events = [
    event('service.started', null, AT, { version: '1', node: HOST, keys: ['a'], purposes: ['service'] }),
    event('recipients.added', null, AT, { node: HOST, keys: ['a'], by, way }),
    event('keys.swept', null, AT, { node: HOST, destroyed: 1, ofDestroyed: 1, left: 0 }),
    event('alarm.raised', null, AT, {
      alarm: 'misconfigured',
      check: 'stores',
      detail: `/srv/${HOST} is full`,
    }),
    event('prompt.unusable', null, AT, { ...prompt, reason: 'tool.failed', detail: `no /srv/${HOST}` }),
    event('line.publication-failed', null, AT, {
      ...{ ...draft, publishAt: '2026-01-31T09:00:00.000Z', code: 'config.invalid' },
      reason: `/srv/${HOST}/line.json is missing`,
    }),
  ]
  for (const one of events) {
    const { data, personal } = rowOf(one)
    t.notMatch(JSON.stringify(data), OF_MACHINE, one.type)
    t.match(JSON.stringify(personal), OF_MACHINE)
    t.strictSame(withTyped(one.type, data, personal), one.data)
  }
})

t.test('a call states its owner by an id that names no machine', async t => {
  const owner = { node: HOST, service: newNodeId() }
  const policy = { number: '100', version: 1, language: 'en', mode: 'key' } as LinePolicy
  const begun = { policy, channel: 'pbx-1.1' as ChannelId, caller: NUMBER, owner }
  const row = rowOf(callStarted(newCallId(), AT, begun))
  t.match(row.data, { line: '100', service: owner.service })
  t.notMatch(JSON.stringify(row), OF_MACHINE)
})

/** Members that name a machine, a folder, a socket or a server, or quote what a program of it said. */
const NEVER_PUBLIC = [
  ...[
    'node',
    'host',
    'hostname',
    'machine',
    'server',
    'keeper',
    'socket',
    'pipe',
    'path',
    'file',
    'folder',
    'dir',
  ],
  ...['url', 'address', 'ip', 'port', 'detail', 'message', 'error', 'reason'],
]

t.test(
  'a member that may name this machine is public in no event, unless the list names the event',
  async t => {
    t.strictSame(
      PUBLIC_MEMBERS.filter(name => (NEVER_PUBLIC as string[]).includes(name)),
      [],
    )
  },
)
