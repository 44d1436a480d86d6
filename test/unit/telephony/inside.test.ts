// Real: the matching of names, which is pure. Fake: none.
import t from 'tap'
import { insideBy } from '../../../src/telephony/inside.js'

t.test("the company's phones are told by the names of their channels", async t => {
  const isInside = insideBy(['PJSIP/anna', 'pjsip/7*', 'Local/*@from-queue', 'SIP/a.b'])
  for (const name of [
    'PJSIP/anna-0000002a',
    'PJSIP/701-00000001',
    'Local/12@from-queue-00000001;2',
    'SIP/a.b-00ff',
  ])
    t.equal(isInside(name), true, name)
  for (const name of ['PJSIP/annabel-0000002a', 'PJSIP/carrier-00000001', 'SIP/aXb-00ff', 'DAHDI/1-1', ''])
    t.equal(isInside(name), false, name)
  t.equal(insideBy([])('PJSIP/anna-0000002a'), undefined, 'without endpoints nothing is known')
})
