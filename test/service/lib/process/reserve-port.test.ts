// Real: sockets on loopback, a process that reserves a port and is killed. Fake: none.
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import { compiled } from '../../../../lab/process/compiled.js'
import { LOOPBACK, reservePort } from '../../../../src/lib/process/reserve-port.js'

t.test('all ports differ, and none is one that the kernel assigns', async t => {
  const ports = await Promise.all(Array.from({ length: 40 }, (_, i) => reservePort(i % 2 ? 'tcp' : 'udp')))
  t.equal(new Set(ports).size, ports.length, 'all differ')
  t.ok(
    ports.every(port => port! < 32_768),
    'what Linux hands out begins there',
  )
})

t.test('a port stays reserved until the process ends, also while nothing listens', async t => {
  const script = `
    const { reservePort } = await import(${JSON.stringify(compiled('lib/process/reserve-port'))})
    console.log(await reservePort('tcp'))
    setInterval(() => {}, 60_000)`
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => owner.kill('SIGKILL'))
  const [said] = await once(owner.stdout, 'data')
  const port = Number(said)
  t.equal(await reservePort('tcp', port), undefined, 'another process has it')
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  t.equal(await reservePort('tcp', port), port, 'its owner is gone')
  t.equal(await reservePort('tcp', port), port, 'we have it already')
})

t.test('a port at which another program listens is not reserved', async t => {
  const server = createServer().listen(0, LOOPBACK)
  const socket = createSocket('udp4').bind(0, LOOPBACK)
  t.teardown(() => {
    server.close()
    socket.close()
  })
  await Promise.all([once(server, 'listening'), once(socket, 'listening')])
  const { port } = server.address() as { port: number }
  t.equal(await reservePort('tcp', port), undefined, 'TCP')
  t.equal(await reservePort('udp', socket.address().port), undefined, 'UDP')
})
