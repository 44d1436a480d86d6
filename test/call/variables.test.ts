// Real Asterisk, PostgreSQL, service and SIP callers. The dialplan writes down what the Gosub left on the channel.
import { dirname } from 'node:path'
import t from 'tap'
import { quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { inSequence, pressInQuestion } from '../support/lab/caller-actions.js'
import { PlacedCall } from '../support/lab/placed-call.js'

const NAMES = [
  'CONSENTRY_DECISION',
  'CONSENTRY_PURPOSE_service',
  'CONSENTRY_PURPOSE_quality_control',
  'CONSENTRY_PURPOSE_marketing',
  'CONSENTRY_PURPOSES',
  'CONSENTRY_TAP',
]

/** Writes down, as a global variable, what is on the channel. */
const note = (visit: string) =>
  `Set(GLOBAL(${visit}_\${CALLERID(num)})=${NAMES.map(name => `\${${name}}`).join(' ')} .)`

const lab = await startCallLab(t, {
  lines: [
    quickLine('313', { purposes: [quickPurpose(), quickPurpose('quality-control')] }),
    quickLine('314', { onRefused: { do: 'transfer', context: 'elsewhere', extension: '315', priority: 1 } }),
    quickLine('315', { purposes: [quickPurpose(), quickPurpose('marketing')] }),
  ],
  extensions: `
exten => 313,1,Gosub(consentry,s,1)
 same =>     n,${note('FIRST')}
 same =>     n,Gosub(consentry,s,1)
 same =>     n,${note('SECOND')}
 same =>     n,Dial(Local/talk@lab-agent)
exten => 316,1,Set(CONSENTRY_PURPOSE_service=granted)
 same =>     n,Set(CONSENTRY_PURPOSE_quality_control=granted)
 same =>     n,Set(CONSENTRY_TAP=/tmp/x)
 same =>     n,Gosub(consentry,s,1)
 same =>     n,${note('FIRST')}
 same =>     n,Dial(Local/talk@lab-agent)

[elsewhere]
exten => 315,1,Gosub(consentry,s,1)
 same =>     n,${note('SECOND')}
 same =>     n,Dial(Local/talk@lab-agent)
`,
})
const { pbx, ready } = lab.lab

/** What was on a caller's channel, as words; the tap last. */
async function noted(visit: string, from: string): Promise<string[]> {
  const globals = await pbx.cli('dialplan show globals')
  return (new RegExp(`${visit}_${from}=(.*) \\.`).exec(globals)?.[1] ?? 'nothing').split(' ')
}

t.test('each purpose has its answer, and the tap stays named while the call is recorded', async t => {
  const from = '79995550001'
  const call = await PlacedCall.place(lab, { number: '313', from })
  await call.caller.waitForAnswer(60_000)
  await inSequence(pressInQuestion('1'), pressInQuestion('2', 2))(call)
  await call.waitForEvent('call.passed-through')
  await call.waitForAgent()
  const [first, second] = [await noted('FIRST', from), await noted('SECOND', from)]
  t.strictSame(first.slice(0, 5), ['granted', 'granted', 'refused', '', 'service&quality_control'])
  t.equal(dirname(first[5]!), ready.tap, 'the tap')
  t.strictSame(second, first, 'the second visit leaves the same')
  t.match((await call.finish()).recordings, [{ purpose: 'service', state: 'finished' }], 'tapped once')
})

t.test('after a no that led elsewhere, a yes to a further purpose is recorded', async t => {
  const from = '79995550002'
  const call = await PlacedCall.place(lab, { number: '314', from })
  await call.caller.waitForAnswer(60_000)
  await inSequence(pressInQuestion('2'), pressInQuestion('1', 2))(call)
  await call.waitForEvent('recording.prepared')
  await call.waitForAgent()
  const second = await noted('SECOND', from)
  t.strictSame(second.slice(0, 5), ['granted', 'refused', '', 'granted', 'service&marketing'])
  t.equal(dirname(second[5]!), ready.tap)
  t.match((await call.finish()).recordings, [{ purpose: 'marketing', state: 'finished' }])
})

t.test('what was on the channel before counts for nothing', async t => {
  const from = '79995550003'
  const call = await PlacedCall.place(lab, { number: '316', from })
  await call.waitForAgent()
  t.strictSame(await noted('FIRST', from), ['failed', '', '', '', '', ''])
  await call.finish()
})
