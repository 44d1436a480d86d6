// Real: the rule. Fake: none.
import t from 'tap'
import { type CallId, newCallId } from '../../../../src/core/ids.js'
import { needsSomebody } from '../../../../src/recordings/calls/present.js'

const at = new Date(0)
const silent = (id: CallId) => ({
  ...{ alarm: 'leg-silent' as const, detail: '', at, call: { id, line: '700', caller: null } },
})
const [one, other] = [newCallId(), newCallId()]

t.test('callers on hold are no trouble, unless most recorded calls lack a side', async t => {
  const goingOn = (recorded: number) => ({ calls: recorded, recorded })
  t.equal(needsSomebody({ goingOn: goingOn(1), alarms: [] }), false)
  t.equal(needsSomebody({ goingOn: goingOn(1), alarms: [silent(one)] }), false)
  t.equal(needsSomebody({ goingOn: goingOn(1), alarms: [silent(one), silent(one)] }), false, 'both its sides')
  t.equal(needsSomebody({ goingOn: goingOn(4), alarms: [silent(one), silent(other)] }), false)
  t.equal(needsSomebody({ goingOn: goingOn(3), alarms: [silent(one), silent(other)] }), true)
})

t.test('any other alarm needs somebody', async t => {
  const alarms = [{ alarm: 'tap-stopped' as const, detail: '', at, call: null }]
  t.equal(needsSomebody({ goingOn: { calls: 9, recorded: 9 }, alarms }), true)
})
