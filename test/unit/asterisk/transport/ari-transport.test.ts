// Real: ari-client and HTTP. Fake: a PBX that refuses.
import t from 'tap'
import { connectAri } from '../../../../src/asterisk/transport/ari-transport.js'
import { Secret } from '../../../../src/core/secret.js'
import { FakePbx } from '../../../support/fakes/fake-pbx.js'

const access = { username: 'consentry', password: new Secret('hush') }
const errorAt = (url: string) =>
  connectAri({ url, ...access }).then(
    () => 'attached',
    ({ message }: Error) => message,
  )

t.test('the error says whether the PBX refuses the credentials or the server is no PBX', async t => {
  const pbx = await FakePbx.start(t)
  for (const status of [401, 403]) {
    pbx.requestHandler = (_, response) => response.writeHead(status).end()
    t.equal(
      await errorAt(pbx.url),
      `ARI at ${pbx.url} refuses ARI_USERNAME or ARI_PASSWORD (${status}): use those of the PBX's ari.conf`,
    )
  }
  pbx.requestHandler = (_, response) => response.writeHead(404).end()
  t.equal(
    await errorAt(pbx.url),
    `the server at ${pbx.url} (ARI_URL) is not an Asterisk REST interface (404): check ARI_URL`,
  )
})

t.test('the error for an address without a PBX names the address without the password', async t => {
  t.equal(await errorAt('http://127.0.0.1:2'), 'ECONNREFUSED at http://127.0.0.1:2 (ARI_URL)')
  t.match(await errorAt('http://pbx.invalid:8088'), /^E[A-Z_]+ at http:\/\/pbx\.invalid:8088 \(ARI_URL\)$/)
  t.equal(await errorAt('http://consentry:hush@127.0.0.1:2'), 'ECONNREFUSED at http://127.0.0.1:2 (ARI_URL)')
})
