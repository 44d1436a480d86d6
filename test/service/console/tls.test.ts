// Real: the console with TLS on loopback, PostgreSQL, certificates made for the test. Fake: none.
import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import t from 'tap'
import { followCertificate } from '../../../src/console/certificate.js'
import { makeCertificates } from '../../support/data/certificates.js'
import { testConsole } from '../../support/processes/console.js'
import { scratch, silent, until } from '../../support/processes/database.js'
import { whenClosed } from '../../support/processes/when-closed.js'

const dir = await scratch(t)
const files = { certificate: join(dir, 'tls.crt'), key: join(dir, 'tls.key') }
const authorities: string[] = []

/** Writes a new certificate, as a renewal does: each file is exchanged as a whole. */
async function renew(): Promise<void> {
  const { ca, cert, key } = makeCertificates('localhost')
  authorities.push(ca)
  for (const [path, text] of [
    [files.certificate, cert],
    [files.key, key],
  ] as const) {
    await writeFile(`${path}.new`, text, { mode: 0o600 })
    await rename(`${path}.new`, path)
  }
}

await renew()
const { app, people } = await testConsole(
  t,
  {},
  {
    CONSENTRY_CONSOLE_CERTIFICATE: files.certificate,
    CONSENTRY_CONSOLE_KEY: files.key,
  },
)
await app.listen({ host: '127.0.0.1', port: 0 })
const { port } = app.server.address() as AddressInfo

/** Requests a page over TLS, and trusts this authority only. */
async function get(path: string, ca: string, headers: Record<string, string> = {}) {
  const sent = request({ host: 'localhost', port, path, ca, headers, agent: false }).end()
  const [answer] = await once(sent, 'response')
  answer.resume()
  await once(answer, 'end')
  return { status: answer.statusCode as number, headers: answer.headers, socket: answer.socket as TLSSocket }
}

t.test('the console speaks HTTPS, and its cookie is for HTTPS only', async t => {
  const { status, headers, socket } = await get('/sign-in', authorities[0]!)
  t.equal(status, 200)
  t.ok(socket.authorized)
  t.match(headers['strict-transport-security'], /max-age=\d{7,}/)
  const person = await people('operator')
  const secret = person.headers.cookie.split('=')[1]!
  t.equal(
    (await get('/now', authorities[0]!, { cookie: `consentry=${secret}` })).status,
    303,
    'the plain name counts no more',
  )
  t.equal((await get('/now', authorities[0]!, { cookie: `__Host-consentry=${secret}` })).status, 200)
})

t.test('a client that speaks no TLS gets nothing', async t => {
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n')
  let text = ''
  socket.on('data', piece => {
    text += piece
  })
  socket.on('error', () => {})
  await whenClosed(socket)
  t.notMatch(text, /200 OK|<html/)
})

/** The cipher suite that a client with these options agrees on. @returns the code of the failure if there is none */
async function agreed(options: ConnectionOptions): Promise<string> {
  const socket = connectTls({ host: 'localhost', port, ca: authorities[0]!, ...options })
  try {
    await once(socket, 'secureConnect')
    return `${socket.getProtocol()} ${socket.getCipher().name}`
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'refused'
  } finally {
    socket.destroy()
  }
}

t.test('only cipher suites with authenticated encryption and a fresh key exchange are agreed on', async t => {
  const old = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
  for (const ciphers of ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'])
    t.equal(await agreed({ ...old, ciphers }), `TLSv1.2 ${ciphers}`)
  for (const ciphers of [
    ...['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA'],
    ...[
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-CCM',
      'DHE-RSA-AES256-GCM-SHA384',
      'AES256-GCM-SHA384',
      'AES128-SHA',
    ],
  ])
    t.match(await agreed({ ...old, ciphers }), /ERR_SSL|ECONNRESET/, ciphers)
  const weakFirst = 'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384'
  t.equal(
    await agreed({ ...old, ciphers: weakFirst }),
    'TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384',
    'the strongest',
  )
  t.equal(await agreed({ minVersion: 'TLSv1.3' }), 'TLSv1.3 TLS_AES_256_GCM_SHA384')
  t.match(
    await agreed({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
    /ERR_SSL|ECONNRESET/,
  )
})

t.test('a renewed certificate is taken without a restart, and one that does not fit is not', async t => {
  const end = followCertificate(app.server as never, files, silent, 20)
  t.teardown(end)
  await pause(50)
  await renew()
  await until(async () => (await get('/sign-in', authorities[1]!).catch(() => undefined))?.status === 200)
  await writeFile(files.key, 'no key')
  await pause(200)
  t.equal((await get('/sign-in', authorities[1]!)).status, 200, 'the last good one stays')
})
