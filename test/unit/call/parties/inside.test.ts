// Real: the matching of names, which is pure. Fake: none.
import t, { type Test } from 'tap'
import { insideBy } from '../../../../src/call/parties/inside.js'

/** Asserts of names of channels whether they are inside. */
function assertSides(t: Test, named: string[], wanted: Record<string, boolean>): void {
  const isInside = insideBy(named)
  for (const [name, inside] of Object.entries(wanted))
    t.equal(isInside({ name }), inside, `${named}: ${name}`)
}

t.test("the company's phones are told by the names of their channels", async t => {
  assertSides(t, ['PJSIP/anna', 'pjsip/7*', 'Local/*@from-queue', 'SIP/a.b'], {
    'PJSIP/anna-0000002a': true,
    'PJSIP/701-00000001': true,
    'Local/12@from-queue-00000001;2': true,
    'SIP/a.b-00ff': true,
    'PJSIP/annabel-0000002a': false,
    'PJSIP/carrier-00000001': false,
    'SIP/aXb-00ff': false,
    'DAHDI/1-1': false,
    '': false,
  })
  t.equal(insideBy([])({ name: 'PJSIP/anna-0000002a' }), undefined, 'if nothing is named, nothing is known')
})

t.test('an exclusion wins, and where only exclusions are, every other endpoint is inside', async t => {
  assertSides(t, ['PJSIP/*', '!pjsip/carrier*'], {
    'PJSIP/anna-0000002a': true,
    'PJSIP/carrier-0000002a': false,
    'PJSIP/carrier-east-0000002a': false,
    'SIP/anna-0000002a': false,
  })
  assertSides(t, ['!PJSIP/carrier*'], {
    'PJSIP/anna-0000002a': true,
    'SIP/anna-0000002a': true,
    'PJSIP/carrier-0000002a': false,
    'Local/100@from-internal-00000001;2': false,
    '': false,
  })
})

t.test('a context tells as well, in upper and lower case as it is written', async t => {
  const isInside = insideBy(['context:from-internal*', 'PJSIP/anna', '!PJSIP/carrier'])
  const at = (context: string, name = 'PJSIP/701-00000001') => isInside({ name, context })
  t.strictSame(
    ['from-internal', 'from-internal-xfer', 'From-internal', 'from-trunk', 'xfrom-internal'].map(one =>
      at(one),
    ),
    [true, true, false, false, false],
  )
  t.equal(at('from-internal', 'PJSIP/carrier-00000001'), false, 'an exclusion wins')
  t.equal(at('from-trunk', 'PJSIP/anna-00000001'), true)
  t.equal(isInside({ name: 'PJSIP/701-00000001' }), false, 'where the context is not known')
})

t.test('what the dialplan says wins over the settings, and counts without them', async t => {
  const anna = { name: 'PJSIP/anna-0000002a', context: 'from-internal' }
  for (const named of [[], ['PJSIP/anna'], ['!PJSIP/anna'], ['context:from-internal']]) {
    t.equal(insideBy(named)({ ...anna, party: 'inside' }), true, `${named}`)
    t.equal(insideBy(named)({ ...anna, party: 'outside' }), false, `${named}`)
  }
})
