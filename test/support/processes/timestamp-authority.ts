import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'

/** Settings of `openssl ts`, as its manual has them. */
const SETTINGS = `
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
[authority]
extendedKeyUsage = critical, timeStamping
[tsa]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
crypto_device = builtin
ess_cert_id_alg = sha256
`

/** Runs openssl. @returns its exit code and what it printed */
export async function openssl(
  dir: string,
  ...words: string[]
): Promise<{ code: number | null; out: string }> {
  const { openssl: tree } = await prepareTools(['openssl'])
  const env = { ...process.env, OPENSSL_CONF: join(dir, 'settings') }
  const child = spawn(join(tree, 'bin', 'openssl'), words, { cwd: dir, env })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
  return new Promise((resolve, reject) =>
    child.on('error', reject).on('close', code => resolve({ code, out })),
  )
}

/** How the authority behaves: as it should, or not. */
export type Manner = 'good' | 'silent' | 'error' | 'nonsense' | 'old answer' | 'refusal' | 'endless'

/** A time-stamping authority with a root certificate of its own, behind a server on loopback. It is openssl's. */
export interface TimestampAuthority {
  url: string
  /** Folder with `root.pem`, and what else the authority has. */
  dir: string
  /** How many requests came. */
  requests(): number
  behave(manner: Manner): void
}

export async function startTimestampAuthority(t: Test, dir: string): Promise<TimestampAuthority> {
  await mkdir(dir)
  await writeFile(join(dir, 'settings'), SETTINGS)
  await writeFile(join(dir, 'serial'), '01\n')
  const ec = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-config',
    'settings',
    '-days',
    '2',
  ]
  const made = [
    await openssl(
      ...([dir, 'req', '-x509', ...ec, '-subj', '/CN=root', '-extensions', 'root'] as const),
      ...['-keyout', 'root.key', '-out', 'root.pem'],
    ),
    await openssl(
      ...([dir, 'req', '-x509', ...ec, '-subj', '/CN=time', '-extensions', 'authority'] as const),
      ...['-CA', 'root.pem', '-CAkey', 'root.key', '-keyout', 'tsa.key', '-out', 'tsa.pem'],
    ),
  ]
  const failed = made.find(({ code }) => code !== 0)
  if (failed) throw new Error(failed.out)
  let [count, manner]: [number, Manner] = [0, 'good']
  const signing = ['-signer', 'tsa.pem', '-inkey', 'tsa.key', '-config', 'settings', '-section', 'tsa']
  const server = createServer(async (request, response) => {
    const query = `query-${++count}`
    await writeFile(join(dir, query), await bodyOf(request))
    response.setHeader('content-type', 'application/timestamp-reply')
    if (manner === 'silent') return
    if (manner === 'error') return response.writeHead(503).end()
    if (manner === 'nonsense') return response.end('<html>Welcome</html>')
    if (manner === 'refusal') return response.end(Buffer.from('30053003020102', 'hex'))
    if (manner === 'endless') return response.end(Buffer.alloc(1_000_000, 0x30))
    const asked = manner === 'old answer' ? 'query-1' : query
    await openssl(dir, 'ts', '-reply', '-queryfile', asked, ...signing, '-out', `${query}.tsr`)
    return response.end(await readFile(join(dir, `${query}.tsr`)))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsr`,
    dir,
    requests: () => count,
    behave: next => {
      manner = next
      server.closeAllConnections()
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
