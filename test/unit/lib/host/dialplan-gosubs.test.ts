// Real: how dialplans are read. Fake: their texts, as files have them and as Asterisk's console shows them.
import t from 'tap'
import { readAsteriskConfig } from '../../../../src/lib/host/asterisk-config.js'
import {
  HANDS_OVER,
  matchesExtension,
  runningHandovers,
  writtenHandovers,
} from '../../../../src/lib/host/asterisk-console.js'

const SHOWN = `[ Context 'from-trunk' created by 'pbx_config' ]
  '4951234567' =>   1. NoOp()                                     [extensions.conf:3]
     [ask]          2. Gosub(consentry,s,1)                       [extensions.conf:4]
                    3. Queue(support)                             [extensions.conf:5]
  '_49X.' (CID match '1') => 1. Gosub(consentry-outbound,s,1(sales,\${EXTEN}))   [extensions.conf:6]

[ Context 'consentry-probe-call' created by 'pbx_config' ]
  '_[0-9A-Za-z*#+]!' => 1. Gosub(consentry,s,1)                   [consentry.conf:9]
`

const serving = (line: string, places: ReturnType<typeof runningHandovers>) =>
  places.filter(one => one.serves(line)).map(({ context }) => context)

t.test('what runs: the line is the extension, or what the order names', async t => {
  const places = runningHandovers(SHOWN)
  t.strictSame(serving('4951234567', places), ['from-trunk'])
  t.strictSame(serving('sales', places), ['from-trunk'])
  t.strictSame(serving('4950000000', places), [], 'the context of probe calls serves no caller')
})

t.test('what is written, in every form', async t => {
  const dir = t.testdir({
    'extensions.conf': `[from-trunk]
exten => 101,1,NoOp()
 same => n,GosubIf($[1]?consentry,s,1)
exten => _2XX,1,Gosub(consentry,s,1)
exten => _9.,1,Dial(PJSIP/\${EXTEN:1},60,G(consentry-outbound^sales_\${EXTEN:1}^1))
exten => _8.,1,Dial(PJSIP/\${EXTEN:1},60,U(consentry-outbound^office^\${EXTEN:1}))
exten => 7,1,Gosub(consentry-outbound,s,1(\${LINE},\${EXTEN}))
;exten => 555,1,Gosub(consentry,s,1)
exten => 556,1,Gosub(my-consentry,s,1)
`,
  })
  const places = writtenHandovers(readAsteriskConfig(`${dir}/extensions.conf`, { only: HANDS_OVER }))
  t.equal(places.length, 5)
  const [asked, pattern, sales, office, variable] = places
  t.ok(asked?.serves('101') && pattern?.serves('234') && sales?.serves('sales') && office?.serves('office'))
  t.notOk(asked?.serves('1') || pattern?.serves('23') || sales?.serves('office'))
  t.ok(variable?.serves('any'), 'what a variable names is known only in the call')
})

t.test('patterns of extensions', async t => {
  const cases: [string, string, boolean][] = [
    ['_X.', '12', true],
    ['_X.', '1', false],
    ['_X!', '1', true],
    ['_+49-NZX', '+49210', true],
    ['_[13-5]Z', '41', true],
    ['_[13-5]Z', '21', false],
    ['_*9', '*9', true],
    ['101/555', '101', true],
    ['X', '1', false],
  ]
  for (const [extension, dialled, matches] of cases)
    t.equal(matchesExtension(extension, dialled), matches, `${extension} ${dialled}`)
})
