// Real: PostgreSQL with the console's role, the journal, stores and keys on disk. Fake: none.

import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import type { Config } from '../../../src/config/config.js'
import { english } from '../../../src/core/message.js'
import { changeLines, listLines } from '../../../src/lines/change-lines.js'
import { approveDraft, requestApproval } from '../../../src/lines/drafts/approve-draft.js'
import { beginDraft, changeDraft } from '../../../src/lines/drafts/edit-draft.js'
import { publishDraft } from '../../../src/lines/drafts/publish-draft.js'
import { explainNumber } from '../../../src/lines/explain-number.js'
import { changeGroup, listGroups, readGroup } from '../../../src/lines/groups.js'
import { listVersions, restoreVersion } from '../../../src/lines/line-versions.js'
import { tryLine } from '../../../src/lines/try-line.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { toldEvents } from '../../support/data/told-events.js'
import { testConsole } from '../../support/processes/console.js'

const { deps } = await testConsole(t)
const anna = person('anna')
const { language, mode, disclosure, purposes, retries } = labLines[1]!
const fields = { language, mode, disclosure, purposes, retries, waitMs: 4_000 }
const lineOf = async (number: string) => (await listLines(deps)).find(one => one.number === number)
const sourceOf = async (number: string, field: string) =>
  (await explainNumber(deps, number)).fields.find(one => one.field === field)

t.test('lines inherit what they do not state, and each says where a field comes from', async t => {
  t.match(await changeGroup(deps, anna, { name: 'sales', input: fields }), { version: 1, lines: [] })
  await changeLines(deps, anna, [
    { number: '700', group: 'sales' },
    { number: '701', group: 'sales', waitMs: 6_000, keys: { pause: '*8' } },
    { number: '702', group: 'sales', purposes: [{ purpose: 'service', legalBasis: 'a contract' }] },
    { ...labLines[1]!, number: '703' },
  ])
  t.match(await lineOf('700'), { ...fields, version: 1, pauseMaxMs: 120_000 })
  t.match(await lineOf('701'), { waitMs: 6_000, keys: { yes: '1', pause: '*8' } })
  t.match(await lineOf('702'), { purposes: { 0: { legalBasis: 'a contract', retentionDays: 30 } } })
  t.match(await sourceOf('700', 'waitMs'), { value: 4_000, source: 'group' })
  t.match(await sourceOf('700', 'pauseMaxMs'), { source: 'default' })
  t.match(await sourceOf('701', 'waitMs'), { value: 6_000, source: 'line' })
  t.match(await sourceOf('701', 'keys.pause'), { source: 'line' })
  t.match(await sourceOf('701', 'keys.yes'), { source: 'default' })
  t.match(await sourceOf('702', 'purposes.service.legalBasis'), { source: 'line' })
  t.match(await sourceOf('702', 'purposes.service.retentionDays'), { source: 'group' })
  t.match(await sourceOf('703', 'waitMs'), { source: 'line' })
  t.match(await explainNumber(deps, '999'), {
    match: 'none',
    version: null,
    policy: { mode: 'none' },
    fields: [],
  })
  matchEach(t, await listGroups(deps), [{ name: 'sales', version: 1, lines: ['700', '701', '702'] }])
})

t.test('a change of a group makes a version of each line that inherits it, all in one', async t => {
  const input = { ...fields, waitMs: 5_000, pauseMaxMs: 60_000 }
  const changed = await changeGroup(deps, anna, { name: 'sales', input })
  matchEach(
    t,
    changed.lines.map(({ number, version, waitMs }) => ({ number, version, waitMs })),
    [
      { number: '700', version: 2, waitMs: 5_000 },
      { number: '701', version: 2, waitMs: 6_000 },
      { number: '702', version: 2, waitMs: 5_000 },
    ],
  )
  t.match(await lineOf('703'), { version: 1 })
  t.match(await sourceOf('700', 'pauseMaxMs'), { value: 60_000, source: 'group' })
  const events = (await toldEvents(deps.db)).slice(-4).reverse()
  t.strictSame(
    events.map(({ type }) => type),
    ['line.changed', 'line.changed', 'line.changed', 'line.group-changed'],
  )
  t.match(events[0]?.data, { by: 'anna', group: { name: 'sales', version: 2 }, before: { version: 1 } })
  t.match(events[3]?.data, { name: 'sales', version: 2, before: { waitMs: 4_000 }, after: { waitMs: 5_000 } })

  const again = await changeGroup(deps, anna, { name: 'sales', input: { ...input, waitMs: 5_500 } })
  t.strictSame(
    again.lines.map(({ number }) => number),
    ['700', '702'],
    'a line that states it itself has no new version',
  )
  const { versions } = await readGroup(deps, 'sales')
  matchEach(t, versions, [
    { version: 3, inForce: true, by: 'anna' },
    { version: 2 },
    { version: 1, inForce: false },
  ])
})

t.test('a change that one line of the group cannot take changes none', async t => {
  const before = await listLines(deps)
  const { mode: _, ...without } = fields
  await t.rejects(changeGroup(deps, anna, { name: 'sales', input: without }), {
    code: 'policy.invalid',
    message: /line 700: mode/,
  })
  await t.rejects(changeGroup(deps, anna, { name: 'sales', input: { ...fields, disclosure: 'none-such' } }), {
    code: 'policy.invalid',
    message: /line 702, disclosure/,
  })
  await t.rejects(changeGroup(deps, anna, { name: 'sales', input: { colour: 'red' } }), {
    code: 'policy.invalid',
  })
  await t.rejects(changeGroup(deps, anna, { name: 'Sales!', input: {} }), { code: 'request.invalid' })
  await t.rejects(changeLines(deps, anna, { number: '704', group: 'none' }), { message: /group is no group/ })
  await t.rejects(readGroup(deps, 'none'), { code: 'not-found' })
  t.strictSame(await listLines(deps), before)
  t.match(await listGroups(deps), { 0: { version: 3 } })
})

t.test('a draft of a line of a group has what the line states; its publication inherits again', async t => {
  const draft = await beginDraft(deps, anna, { line: '701' })
  t.strictSame(draft.input, { number: '701', group: 'sales', waitMs: 6_000, keys: { pause: '*8' } })
  t.strictSame([draft.faults, draft.differences], [[], []])
  const odd = await beginDraft(deps, anna, { line: '701', input: { group: 'none', waitMs: 1 } })
  t.match(odd.faults, { 0: { path: ['group'] } })
  await t.rejects(publishDraft(deps, anna, { draft: draft.id, revision: 1 }), {
    ...{ code: 'request.invalid', message: /changes nothing yet/ },
  })
  const input = { ...(draft.input as object), waitMs: 6_500 }
  await changeDraft(deps, anna, { draft: draft.id, revision: 1, input })
  const { line } = await publishDraft(deps, anna, { draft: draft.id, revision: 2 })
  t.match(line, { version: 3, waitMs: 6_500 })
  t.match(await explainNumber(deps, '701'), { group: { name: 'sales', version: 3 } })
})

t.test('an earlier version that is restored states all of its fields', async t => {
  const { warnings } = await restoreVersion(deps, anna, { number: '700', version: 1 })
  t.match(english(warnings.at(-1)!), /does not inherit from group sales any more/)
  t.match(await sourceOf('700', 'waitMs'), { value: 4_000, source: 'line' })
  t.equal((await listVersions(deps, '700'))[0]?.version, 4)
})

t.test('an approval does not count any more once the group of the line has changed', async t => {
  const required = { ...deps, config: { ...deps.config, lineApproval: 'required' } as Config }
  const boris = { ...person('boris'), roles: ['administrator'] } as const
  const { id: draft } = await beginDraft(required, boris, { line: '710', input: { group: 'sales' } })
  const seen = { draft, revision: 1 }
  await requestApproval(required, boris, seen)
  await approveDraft(required, anna, seen)
  await changeGroup(deps, anna, { name: 'sales', input: { ...fields, onWithdraw: 'destroy', waitMs: 9_000 } })
  const changed = { code: 'approval.required', message: /inherits from its group has changed/ }
  await t.rejects(publishDraft(required, boris, seen), changed)
  await t.rejects(changeGroup(required, boris, { name: 'sales', input: fields }), {
    code: 'approval.required',
  })
  const again = await changeDraft(required, boris, { ...seen, input: { group: 'sales' } })
  await requestApproval(required, boris, { draft, revision: again.revision })
  await approveDraft(required, anna, { draft, revision: again.revision })
  t.match(await publishDraft(required, boris, { draft, revision: again.revision }), {
    line: { waitMs: 9_000 },
  })
})

t.test('a line of a group is tried with what it inherits', async t => {
  const { line, callers } = await tryLine({ number: '711', group: 'sales' }, deps.db)
  t.match(line, { waitMs: 9_000 })
  t.equal(callers.length, 9)
  await t.rejects(tryLine({ number: '711', group: 'none' }, deps.db), { code: 'policy.invalid' })
})
