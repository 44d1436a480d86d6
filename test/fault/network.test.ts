// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, strace. Fake: none.
// The service runs under strace. Then it gets host names in place of addresses, and loses its resolver.
// Long only: connections of each process; `fault/pbx-killed` has the service's own.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { prepareTools } from '../../lab/tools/prepare-tools.js'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { assertReachesAgent, dialAndGrant, firstEvent, shortLine } from '../support/lab/fault-lab.js'
import { NetworkProxy } from '../support/lab/network-proxy.js'
import { until } from '../support/processes/database.js'
import { inNamespace } from '../support/processes/namespace.js'

const { strace } = await prepareTools(['strace'])
const site = await startCallLab(t, { lines: [shortLine('301')], service: false })
const { service, ready, database, pbx } = site.lab
const trace = join(ready.data, 'lab', 'connects')

t.test('during a recorded call the service connects only to what is configured', async t => {
  const program = join(strace, 'bin', 'strace')
  service.launcher = [
    program,
    '-D',
    '-f',
    '-qq',
    '--seccomp-bpf',
    '-e',
    'trace=connect,sendto,sendmsg',
    '-o',
    trace,
  ]
  service.start()
  await service.waitUntilReady()
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { recordings: exactly({ state: 'finished' }) })
  // Some seconds after its start the service looks whether the PBX records both sides.
  await until(async () => (await readFile(trace, 'utf8')).includes('iov_len=172'))
  await service.stop()

  const lines = (await readFile(trace, 'utf8')).split('\n')
  const connects = lines.filter(line => /\bconnect\(/.test(line))
  const inet = connects.flatMap(line => {
    const [, port, host] = /sin6?_port=htons\((\d+)\).*?"([^"]+)"/.exec(line) ?? []
    return port ? [`${host}:${port}`] : []
  })
  const unix = connects.flatMap(line => /sun_path="([^"]+)"/.exec(line)?.[1] ?? [])
  const configured = [new URL(database.url).host, new URL(pbx.ari.url).host]
  t.strictSame([...new Set(inet)].sort(), configured.sort(), 'network connections')
  t.ok(unix.length > 0)
  const others = unix.filter(path => !/^\/proc\/self\/fd\/\d+\/keeper\.sock$/.test(path))
  t.strictSame(others, [], 'the only Unix socket is the keeper’s, in its checked folder')
  t.equal(connects.length, inet.length + unix.length, 'every connect is of a known kind')
  const addressed = lines.filter(line => /\bsend(to|msg)\(.*(sin6?_addr|sun_path)/.test(line))
  const toPbx = (line: string) =>
    line.includes(`inet_addr("${new URL(pbx.ari.url).hostname}")`) && line.includes('iov_len=172')
  t.ok(addressed.some(toPbx), 'the probe of both sides speaks to the PBX')
  t.strictSame(
    addressed.filter(line => !toPbx(line)),
    [],
    'no other datagram is sent',
  )
})

t.test('a service configured with host names goes on while the resolver is away', async t => {
  const net = await NetworkProxy.startForTest(t, pbx.ari.url)
  const hosts = join(ready.data, 'lab', 'hosts')
  const none = join(ready.data, 'lab', 'resolv.conf')
  const named = '127.0.0.1 pbx.test db.test\n'
  await writeFile(hosts, named)
  // No resolver answers at this address.
  await writeFile(none, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
  const at = (url: string, name: string) => url.replace('127.0.0.1', name)
  service.launcher = inNamespace(`mount --bind ${hosts} /etc/hosts; mount --bind ${none} /etc/resolv.conf`)
  const names = {
    ...{ DATABASE_URL: at(database.url, 'db.test'), ARI_URL: at(net.url, 'pbx.test') },
    CONSENTRY_ARI_NETWORK: 'trusted',
  }
  service.overrides = { ...service.overrides, ...names }
  service.start()
  await service.waitUntilReady()
  const running = await dialAndGrant(site, '301')

  await writeFile(hosts, '127.0.0.1 localhost\n')
  // Without this, idle connections to Asterisk would hide that names do not resolve.
  net.closeRequestConnections()
  const during = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, during)
  await running.waitForEvent('recording.part-started')
  const [first, second] = await Promise.all([running, during].map(call => call.finish()))
  t.match(first, { recordings: exactly({ state: 'finished' }) })
  t.match(second, { recordings: exactly({ state: 'finished' }) })

  net.cut('everything')
  await until(async () => !(await service.isReady()))
  net.restore()
  await writeFile(hosts, named)
  await service.waitUntilReady()
  const after = await dialAndGrant(site, '301')
  await after.waitForEvent('recording.part-started')
  const journal = await after.finish()
  t.match(journal, { recordings: exactly({ state: 'finished' }) })
  t.notOk(firstEvent(journal, 'recording.gap'), 'no gap')
})
