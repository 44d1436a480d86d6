// Real: the reading of channel names, which is pure. Fake: none.
import t from 'tap'
import { trunkOf } from '../../../src/asterisk/ari-events.js'

t.test('the name of a channel shows the trunk', async t => {
  const trunks: Record<string, string> = {
    'PJSIP/carrier-0000002a': 'PJSIP/carrier',
    'PJSIP/carrier-north-1-00000001': 'PJSIP/carrier-north-1',
    'SIP/sip.example.org-0000ffff': 'SIP/sip.example.org',
    'IAX2/office-1834': 'IAX2/office',
    'DAHDI/i1/84951234567-2f': 'DAHDI/i1',
    'DAHDI/2-1': 'DAHDI/2',
  }
  for (const [name, trunk] of Object.entries(trunks)) t.equal(trunkOf(name), trunk, name)
})

t.test('a telephone number in the name of an endpoint is masked', async t => {
  t.equal(trunkOf('PJSIP/79001234567-00000001'), 'PJSIP/*******4567')
})

t.test('a channel of another kind shows no trunk, whatever its name is', async t => {
  const others = [
    ...['Local/79001234567@from-internal-00000012;2', 'Message/ast_msg_queue', 'Snoop/1.1-00000001'],
    ...['', 'PJSIP', 'PJSIP/', 'PJSIP/carrier', 'PJSIP/a b-00000001', `PJSIP/${'a'.repeat(99)}-00000001`],
  ]
  for (const name of others) t.equal(trunkOf(name), undefined, name)
})
