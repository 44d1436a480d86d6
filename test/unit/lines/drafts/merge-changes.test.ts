// Real: everything. Nothing is fake.
import t from 'tap'
import { labLines } from '../../../../lab/lab-lines.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { mergeChanges } from '../../../../src/lines/drafts/merge-changes.js'
import { inherit, statedFields, statedPart } from '../../../../src/lines/inherit.js'
import { lineDifferences } from '../../../../src/lines/line-differences.js'
import { type Line, validateLine } from '../../../../src/lines/validate.js'

const base: LinePolicy = { ...labLines[1]!, number: '700', version: 1 }
const [service] = base.purposes
const marketing = { ...service!, purpose: 'marketing', retentionDays: 20 }
const { version: _, ...typed } = base

t.test('a draft takes over what it has not changed, and keeps the rest', t => {
  const inForce = { ...base, version: 2, waitMs: 9_000, retries: 3, purposes: [service!, marketing] }
  const { input, conflicts } = mergeChanges({ ...typed, retries: 2 }, base, inForce)
  t.strictSame(conflicts, [{ field: 'retries', draft: 2, inForce: 3 }])
  t.strictSame(input, { ...typed, waitMs: 9_000, retries: 2, purposes: [service, marketing] })
  const removed = mergeChanges(input, inForce, { ...inForce, version: 3, purposes: [marketing] })
  t.strictSame((removed.input as Line).purposes, [marketing])
  t.end()
})

t.test('a field that a draft inherits stays inherited', t => {
  const inForce = { ...base, version: 2, waitMs: 9_000, purposes: [{ ...service!, retentionDays: 7 }] }
  const own = { number: '700', group: 'sales', purposes: [{ purpose: 'service' }] }
  t.strictSame(mergeChanges(own, base, inForce), { input: own, conflicts: [] })
  t.strictSame(mergeChanges({ group: 'sales' }, base, inForce), { input: { group: 'sales' }, conflicts: [] })
  t.end()
})

t.test('what has not the form of a line is left as it was typed', t => {
  const inForce = { ...base, version: 2, waitMs: 9_000 }
  for (const input of [
    null,
    'x',
    [],
    { purposes: 'none' },
    { purposes: [1] },
    { purposes: [{ purpose: 'order' }] },
  ])
    t.strictSame(mergeChanges(input, base, inForce), { input, conflicts: [] })
  t.strictSame(mergeChanges(typed, undefined, inForce).input, typed)
  t.end()
})

t.test('what a line states is found again in the whole line, whatever its group has', t => {
  const transfer = { do: 'transfer', context: 'sales', extension: 's', priority: 1 } as const
  const { language, mode, disclosure, purposes } = base
  const group = { language, mode, disclosure, purposes, onSilent: transfer, keys: { pause: '*8' } }
  for (const own of [
    { number: '700' },
    { number: '700', waitMs: 2_000, onSilent: { do: 'hangup' } },
    { number: '700', keys: { yes: '5', pause: '*6' }, onRefused: transfer },
    { number: '700', purposes: [{ purpose: 'service', prompts: { question: 'other' } }] },
    { number: '700', purposes: [marketing, { purpose: 'service' }] },
  ]) {
    const line = validateLine(inherit(own, group))
    const found = statedPart(line, statedFields(own))
    t.strictSame(found, own)
    const again = validateLine(inherit(found, group))
    t.strictSame(lineDifferences({ ...line, version: 1 }, { ...again, version: 1 }), [])
  }
  t.end()
})
