// Real: the comparison of two versions. Fake: none.
import t from 'tap'
import { lineDifferences } from '../../../src/lines/line-differences.js'
import { keyLine, twoPurposes } from '../../support/data/policies.js'

t.test('each field that differs is named once, with both values', async t => {
  const changed = {
    ...keyLine,
    version: 2,
    waitMs: 2_500,
    keys: { ...keyLine.keys, withdraw: '#9' },
    onSilent: { do: 'transfer', context: 'sales', extension: 's', priority: 1 } as const,
  }
  t.strictSame(lineDifferences(keyLine, changed), [
    { field: 'keys.withdraw', before: '*9', after: '#9' },
    { field: 'onSilent.context', after: 'sales' },
    { field: 'onSilent.do', before: 'continue', after: 'transfer' },
    { field: 'onSilent.extension', after: 's' },
    { field: 'onSilent.priority', after: 1 },
    { field: 'waitMs', before: 5_000, after: 2_500 },
  ])
  t.strictSame(lineDifferences(keyLine, { ...keyLine, version: 9 }), [])
})

t.test('purposes are compared by name, wherever they stand', async t => {
  const [first, second] = twoPurposes.purposes
  const swapped = { ...twoPurposes, purposes: [second!, { ...first!, retentionDays: 7 }] }
  t.strictSame(lineDifferences(twoPurposes, swapped), [
    { field: 'purposes.order', before: 'service, marketing', after: 'marketing, service' },
    { field: 'purposes.service.retentionDays', before: 30, after: 7 },
  ])
  const dropped = lineDifferences(twoPurposes, keyLine).map(({ field }) => field)
  t.ok(dropped.includes('purposes.marketing.retentionDays'))
})
