// Real: the code. Fake: none.
// Links to the console lead to where passkeys work.
import t from 'tap'
import { originOfLinks } from '../../../src/accounts/invitations.js'
import { relyingParty } from '../../../src/accounts/webauthn.js'

const reached = (host?: string, consoleOrigin?: string) => ({
  ...{ console: host === undefined ? undefined : { host, port: 9091 }, consoleOrigin, consoleTls: undefined },
})

t.test('a console of this machine is named, because browsers make passkeys for names only', t => {
  for (const host of ['127.0.0.1', '::1', 'localhost']) {
    t.equal(originOfLinks(reached(host)), 'http://localhost:9091')
    t.equal(
      relyingParty(reached(host))?.origin,
      originOfLinks(reached(host)),
      'passkeys are for the same origin',
    )
  }
  t.equal(originOfLinks(reached()), 'http://localhost:8081', 'where it listens that is not told otherwise')
  t.end()
})

t.test('another address stays as it is, and a setting wins', t => {
  t.equal(originOfLinks(reached('192.0.2.7')), 'http://192.0.2.7:9091')
  t.equal(originOfLinks(reached('2001:db8::1')), 'http://[2001:db8::1]:9091')
  t.equal(originOfLinks(reached('127.0.0.1', 'https://pbx.example')), 'https://pbx.example')
  t.end()
})
