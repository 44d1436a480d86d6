// Real: everything. The service runs under strace; then with names in place of addresses, which its resolver loses.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { prepareTools } from '../../lab/tools/prepare-tools.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { assertReachesAgent, dialAndGrant, firstEvent, shortLine } from '../support/lab/fault-lab.js'
import { NetworkProxy } from '../support/lab/network-proxy.js'
import { until } from '../support/processes/database.js'
import { inNamespace } from '../support/processes/namespace.js'

const { strace } = await prepareTools(['strace'])
const site = await startCallLab(t, { lines: [shortLine('301')], service: false })
const { service, ready, database, pbx } = site.lab
const trace = join(ready.data, 'lab', 'connects')

t.test('a recorded call connects to nothing but what is configured', async t => {
  const program = join(strace, 'bin', 'strace')
  service.launcher = [program, '-D', '-f', '-qq', '-e', 'trace=connect,sendto,sendmsg', '-o', trace]
  service.start()
  await service.waitUntilReady()
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { recordings: [{ state: 'finished' }] })
  await service.stop()

  const lines = (await readFile(trace, 'utf8')).split('\n')
  const connects = lines.filter(line => /\bconnect\(/.test(line))
  const inet = connects.flatMap(line => {
    const [, port, host] = /sin6?_port=htons\((\d+)\).*?"([^"]+)"/.exec(line) ?? []
    return port ? [`${host}:${port}`] : []
  })
  const unix = connects.flatMap(line => /sun_path="([^"]+)"/.exec(line)?.[1] ?? [])
  const configured = [new URL(database.url).host, new URL(pbx.ari.url).host]
  t.strictSame([...new Set(inet)].sort(), configured.sort(), 'over the network')
  t.ok(unix.length > 0)
  const others = unix.filter(path => !/^\/proc\/self\/fd\/\d+\/keeper\.sock$/.test(path))
  t.strictSame(others, [], 'on this machine nothing but the keeper, in its checked folder')
  t.equal(connects.length, inet.length + unix.length, 'every connect is one of these')
  const addressed = lines.filter(line => /\bsend(to|msg)\(.*(sin6?_addr|sun_path)/.test(line))
  t.strictSame(addressed, [], 'and no datagram goes anywhere')
})

t.test('with names in place of addresses, and then without a resolver', async t => {
  const net = await NetworkProxy.startForTest(t, pbx.ari.url)
  const hosts = join(ready.data, 'lab', 'hosts')
  const none = join(ready.data, 'lab', 'resolv.conf')
  const named = '127.0.0.1 pbx.test db.test\n'
  await writeFile(hosts, named)
  // Nobody answers there.
  await writeFile(none, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
  const at = (url: string, name: string) => url.replace('127.0.0.1', name)
  service.launcher = inNamespace(`mount --bind ${hosts} /etc/hosts; mount --bind ${none} /etc/resolv.conf`)
  const names = { DATABASE_URL: at(database.url, 'db.test'), ARI_URL: at(net.url, 'pbx.test') }
  service.overrides = { ...service.overrides, ...names }
  service.start()
  await service.waitUntilReady()
  const running = await dialAndGrant(site, '301')

  await writeFile(hosts, '127.0.0.1 localhost\n')
  // Connections that wait for the next order must not be what keeps it working.
  net.closeRequestConnections()
  const during = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, during)
  await running.waitForEvent('recording.part-started')
  const [first, second] = await Promise.all([running, during].map(call => call.finish()))
  t.match(first, { recordings: [{ state: 'finished' }] })
  t.match(second, { recordings: [{ state: 'finished' }] })

  net.cut('everything')
  await until(async () => !(await service.isReady()))
  net.restore()
  await writeFile(hosts, named)
  await service.waitUntilReady()
  const after = await dialAndGrant(site, '301')
  await after.waitForEvent('recording.part-started')
  const journal = await after.finish()
  t.match(journal, { recordings: [{ state: 'finished' }] })
  t.notOk(firstEvent(journal, 'recording.gap'), 'no gap')
})
