// Real: PostgreSQL with the console's role, the journal, stores and keys on disk. Fake: none.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { addToken } from '../../../src/accounts/tokens.js'
import type { Config } from '../../../src/config/config.js'
import type { Actor } from '../../../src/core/actor.js'
import { changeLines, listLines } from '../../../src/lines/change-lines.js'
import { approveDraft, requestApproval } from '../../../src/lines/drafts/approve-draft.js'
import { beginDraft, changeDraft, discardDraft, rebaseDraft } from '../../../src/lines/drafts/edit-draft.js'
import { publishDraft } from '../../../src/lines/drafts/publish-draft.js'
import { draftInEnglish, listDrafts, readDraft } from '../../../src/lines/drafts/show-draft.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { toldEvents } from '../../support/data/told-events.js'
import { testConsole } from '../../support/processes/console.js'

const { deps, admin } = await testConsole(t)
const required = { ...deps, config: { ...deps.config, lineApproval: 'required' } as Config }
const anna: Actor = { name: 'anna', way: 'token', roles: ['administrator'] }
const boris: Actor = { ...anna, name: 'boris' }
/** Only a person approves. */
const inPerson = (actor: Actor): Actor => ({ ...actor, way: 'console' })
const line = { ...labLines[1]!, number: '700' }
const seen = ({ id: draft, revision }: { id: string; revision: number }) => ({ draft, revision })

const eventsOf = async (draft: string) => {
  const rows = await toldEvents(deps.db)
  return rows.filter(
    ({ data }) => data['draft'] === draft || (data['draft'] as { id?: string })?.id === draft,
  )
}
const inForce = async (number: string) => (await listLines(deps)).find(one => one.number === number)

t.test('a draft is stored as it was typed, with its faults at their fields', async t => {
  const typed = { number: '700', language: 'en', purposes: [{ purpose: 'service' }], colour: 'red' }
  const draft = await beginDraft(deps, anna, { line: '700', input: typed })
  t.strictSame(draft.input, typed)
  t.match(draft, { state: 'open', base: 0, revision: 1, line: '700', made: { by: 'anna', way: 'token' } })
  const fields = draft.faults.map(({ field }) => field)
  for (const field of ['mode', 'disclosure', 'purposes.0.retentionDays', 'purposes.0.legalBasis', 'colour'])
    t.ok(fields.includes(field), `${field} in ${fields}`)
  t.strictSame(draft.faults.find(({ field }) => field === 'purposes.0.legalBasis')?.path, [
    'purposes',
    0,
    'legalBasis',
  ])
  await t.rejects(publishDraft(deps, anna, seen(draft)), {
    code: 'policy.invalid',
    message: /purposes\.0\.legalBasis/,
  })
  await t.rejects(requestApproval(deps, anna, seen(draft)), { code: 'policy.invalid' })

  const other = await changeDraft(deps, boris, { ...seen(draft), input: { ...line, number: '701' } })
  t.match(draftInEnglish(other).faults, { length: 1, 0: { field: 'number', message: /700/ } })
  const spoken = await changeDraft(deps, boris, { ...seen(other), input: { ...line, keys: { yes: '5' } } })
  t.match(draftInEnglish(spoken).faults, { 0: { path: ['keys', 'yes'], message: /says key 1 for yes/ } })
  const silent = await changeDraft(deps, boris, {
    ...seen(spoken),
    input: { ...line, disclosure: 'none-such' },
  })
  t.match(draftInEnglish(silent).faults, {
    length: 1,
    0: { path: ['disclosure'], message: /no prompt "none-such"/ },
  })
  for (const input of [null, 'text', [], 7]) {
    const odd = await beginDraft(deps, anna, { line: '700', input })
    t.strictSame([odd.input, odd.faults.length > 0], [input, true])
    await discardDraft(deps, anna, seen(odd))
  }
  t.match(await eventsOf(draft.id), {
    length: 4,
    0: {
      type: 'line.draft-saved',
      data: { by: 'anna', way: 'token', revision: 1, base: 0, hash: /^[0-9a-f]{64}$/ },
    },
    3: { data: { by: 'boris', revision: 4 } },
  })
  t.notOk(await inForce('700'))
})

t.test('whoever has not seen the present revision changes nothing', async t => {
  const draft = await beginDraft(deps, anna, { line: '702', input: { ...line, number: '702' } })
  const changes = await Promise.allSettled(
    [1, 2, 3, 4, 5].map(n =>
      changeDraft(deps, anna, { ...seen(draft), input: { ...line, number: '702', waitMs: n * 1_000 } }),
    ),
  )
  t.equal(changes.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const change of changes)
    if (change.status === 'rejected')
      t.match(change.reason, { code: 'request.conflict', message: /by anna: it is revision 2/ })
  await t.rejects(publishDraft(deps, anna, seen(draft)), { code: 'request.conflict' })
  await t.rejects(discardDraft(deps, anna, seen(draft)), { code: 'request.conflict' })
  t.equal((await eventsOf(draft.id)).length, 2)
  await t.rejects(readDraft(deps, 'nonsense'), { code: 'not-found' })
  await t.rejects(beginDraft(deps, anna, { line: 'a b', input: {} }), { code: 'request.invalid' })
  const nested = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)
  await t.rejects(beginDraft(deps, anna, { line: '702', input: nested }), { code: 'request.invalid' })
  await t.rejects(beginDraft(deps, anna, { line: '702', input: 'x'.repeat(70_000) }), {
    code: 'request.invalid',
  })
})

t.test('a draft is published once, and the journal names it', async t => {
  const draft = await beginDraft(deps, anna, { line: '703', input: { ...line, number: '703' } })
  const published = await Promise.allSettled([1, 2, 3].map(() => publishDraft(deps, boris, seen(draft))))
  t.equal(published.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const one of published)
    if (one.status === 'rejected')
      t.match(one.reason, { code: 'request.conflict', message: /version 1 of line 703/ })
  t.match(await inForce('703'), { version: 1, waitMs: line.waitMs })
  t.match(await readDraft(deps, draft.id), { state: 'published', publishedVersion: 1 })
  t.match((await eventsOf(draft.id)).at(-1), {
    type: 'line.changed',
    data: { by: 'boris', draft: { id: draft.id, revision: 1, approvedBy: undefined }, before: null },
  })
  t.strictSame(await listDrafts(deps, '703'), [], 'what is published is listed no more')
})

t.test(
  'a draft on a version that is not in force any more is refused with what changed, until it is rebased',
  async t => {
    await changeLines(deps, person('clara'), { ...line, number: '704' })
    const draft = await beginDraft(deps, anna, { line: '704' })
    t.match(draft, { base: 1, input: { number: '704', language: 'en' }, faults: [], differences: [] })
    const mine = await changeDraft(deps, anna, {
      ...seen(draft),
      input: { ...(draft.input as object), waitMs: 3_000, retries: 2 },
    })
    matchEach(t, mine.differences!, [{ field: 'retries' }, { field: 'waitMs', before: 5_000, after: 3_000 }])
    await changeLines(deps, person('clara'), { ...line, number: '704', pauseMaxMs: 60_000, retries: 1 })
    await t.rejects(publishDraft(deps, anna, seen(mine)), {
      code: 'request.conflict',
      message: /version 2 is in force.*\n.*A pause lasts at most 60 seconds, before 120 seconds/,
    })
    matchEach(t, (await readDraft(deps, draft.id)).changedMeanwhile, [
      { field: 'pauseMaxMs' },
      { field: 'retries' },
    ])
    const { draft: rebased, conflicts } = await rebaseDraft(deps, anna, seen(mine))
    t.strictSame(conflicts, [{ field: 'retries', draft: 2, inForce: 1 }])
    t.match(rebased, { base: 2, revision: 3, input: { pauseMaxMs: 60_000, waitMs: 3_000, retries: 2 } })
    t.strictSame(rebased.changedMeanwhile, [])
    await t.rejects(rebaseDraft(deps, anna, seen(rebased)), { code: 'request.conflict', message: /already/ })
    t.match(await publishDraft(deps, anna, seen(rebased)), {
      line: { version: 3, waitMs: 3_000, pauseMaxMs: 60_000 },
    })
  },
)

t.test('where an approval is required, only what a second person has approved is published', async t => {
  const input = { ...line, number: '705' }
  await t.rejects(changeLines(required, anna, input), { code: 'approval.required', message: /drafts/ })
  const draft = await beginDraft(required, anna, { line: '705', input })
  await t.rejects(publishDraft(required, boris, seen(draft)), { code: 'approval.required' })
  await t.rejects(
    approveDraft(required, inPerson(boris), seen(draft)),
    { code: 'request.conflict' },
    'nobody asked for it',
  )
  await requestApproval(required, anna, seen(draft))
  const own = { code: 'approval.required', message: /partly by anna/ }
  await t.rejects(approveDraft(required, inPerson(anna), seen(draft)), own)
  await t.rejects(approveDraft(required, inPerson({ ...anna, name: ' Anna' }), seen(draft)), own)
  t.match(await approveDraft(required, inPerson(boris), seen(draft)), {
    state: 'approved',
    approved: { by: 'boris' },
  })

  const changed = await changeDraft(required, anna, { ...seen(draft), input: { ...input, waitMs: 4_000 } })
  t.match(changed, { state: 'open', approved: null }, 'a change voids the approval')
  await t.rejects(publishDraft(required, anna, seen(changed)), { code: 'approval.required' })
  await requestApproval(required, anna, seen(changed))
  await approveDraft(required, inPerson(boris), seen(changed))
  t.match(await publishDraft(required, anna, seen(changed)), { line: { version: 1, waitMs: 4_000 } })
  const events = await eventsOf(draft.id)
  t.strictSame(
    events.map(({ type, data }) => `${type} ${data['revision'] ?? ''} ${data['by']}`),
    [
      'line.draft-saved 1 anna',
      'line.approval-requested 1 anna',
      'line.approved 1 boris',
      'line.draft-saved 2 anna',
      'line.approval-requested 2 anna',
      'line.approved 2 boris',
      'line.changed  anna',
    ],
  )
  t.equal(events[4 - 1]!.data['hash'], events[5]!.data['hash'], 'what was approved is what was saved')
  t.match(events.at(-1)?.data, { draft: { approvedBy: 'boris', revision: 2 } })

  await t.rejects(changeLines(required, person('root'), input), {
    ...{ code: 'approval.required', message: /--without-approval/ },
  })
  await changeLines(required, person('root'), input, { withoutApproval: true })
  const last = (await toldEvents(deps.db, 'line.changed')).at(-1)
  t.match(last?.data, {
    by: 'root',
    way: 'command',
    approval: 'bypassed',
    after: { number: '705', version: 2 },
  })
})

t.test('whoever has added a token is no second person for what is changed with it', async t => {
  const request = { name: 'crm', roles: ['administrator'], expiresAt: null } as const
  const crm: Actor = { ...anna, name: 'crm' }
  await addToken(admin, person('Vera'), request)
  const draft = await beginDraft(required, crm, { line: '709', input: { ...line, number: '709' } })
  await requestApproval(required, crm, seen(draft))
  const vera: Actor = { name: 'vera', way: 'console', roles: ['administrator'] }
  await t.rejects(approveDraft(required, vera, seen(draft)), {
    ...{ code: 'approval.required', message: /token crm, which you have added/ },
  })
  t.match(await approveDraft(required, inPerson(boris), seen(draft)), {
    state: 'approved',
    approved: { by: 'boris' },
  })
})

t.test('nobody who has changed a draft approves it, whoever changed it last', async t => {
  const vera: Actor = { name: 'vera', way: 'console', roles: ['administrator'] }
  const input = { ...line, number: '710' }
  const begun = await beginDraft(required, inPerson(anna), { line: '710', input })
  const changed = await changeDraft(required, inPerson(boris), {
    ...seen(begun),
    input: { ...input, waitMs: 4_000 },
  })
  t.strictSame(changed.changers, [
    { by: 'anna', way: 'console' },
    { by: 'boris', way: 'console' },
  ])
  await requestApproval(required, vera, seen(changed))
  for (const name of ['anna', 'boris', ' Anna'])
    await t.rejects(
      approveDraft(required, { ...vera, name }, seen(changed)),
      { code: 'approval.required' },
      `${name} has changed it`,
    )
  await approveDraft(required, vera, seen(changed))
  t.match(await publishDraft(required, inPerson(anna), seen(changed)), { line: { waitMs: 4_000 } })

  await changeLines(deps, person('clara'), { ...input, retries: 1 })
  const mine = await beginDraft(required, inPerson(anna), { line: '710', input: { ...input, waitMs: 3_000 } })
  await changeLines(deps, person('clara'), { ...input, retries: 2 })
  const { draft: rebased } = await rebaseDraft(required, inPerson(boris), seen(mine))
  await requestApproval(required, vera, seen(rebased))
  await t.rejects(
    approveDraft(required, inPerson(anna), seen(rebased)),
    { code: 'approval.required' },
    'a rebase keeps whose change it is',
  )
})

t.test('while the journal is away, a draft is not published and stays as it was', async t => {
  const away = { ...deps, journal: { append: async () => Promise.reject(new Error('away')), note() {} } }
  const draft = await beginDraft(deps, anna, { line: '706', input: { ...line, number: '706' } })
  await t.rejects(publishDraft(away, anna, seen(draft)), { message: 'away' })
  t.strictSame(await readDraft(deps, draft.id), draft)
  t.notOk(await inForce('706'))
})

t.test('a draft is outdated by another version in force, also by an equal one or the first', async t => {
  const number = '707'
  const [one, two] = [
    await beginDraft(deps, anna, { line: number, input: { ...line, number } }),
    await beginDraft(deps, anna, { line: number, input: { ...line, number, waitMs: 4_000 } }),
  ]
  await publishDraft(deps, anna, seen(one))
  for (const base of [1, 2]) {
    const outdated = await readDraft(deps, two.id)
    t.match(outdated, { outdated: true, changedMeanwhile: [] })
    const { draft } = await rebaseDraft(deps, anna, seen(outdated))
    t.match(draft, { base, outdated: false })
    await changeLines(deps, anna, { ...line, number })
  }
})
