// Real: the keeper, pipes, folders, the socket. Fake: Asterisk, the service and its frames.
// Nothing answers at ARI, except in one test.
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { removeProtected } from '../../../lab/process/remove-protected.js'
import { controlFrame, SUFFIXES } from '../../../src/keeper/protocol.js'
import { exactly } from '../../support/assertions/exactly.js'
import { FakePbx } from '../../support/fakes/fake-pbx.js'
import { FakeService } from '../../support/fakes/fake-service.js'
import { until } from '../../support/processes/database.js'
import { keeperSettings, openPipes, startKeeper } from '../../support/processes/keeper.js'

const mode = (path: string): number => lstatSync(path).mode & 0o7777

t.test('pipes are made in advance, in a folder in which Asterisk cannot make files', async t => {
  const settings = await keeperSettings(t, { batch: 4 })
  const keeper = await startKeeper(t, settings)
  t.strictSame(keeper.outcome, { ok: true })
  await until(() => mode(settings.tapDir) === 0o500)
  t.equal(mode(dirname(settings.socket)), 0o700)
  const names = readdirSync(settings.tapDir)
  t.equal(names.length, 8)
  for (const name of names) {
    t.match(name, /^[0-9a-f]{24}\.(rx|tx)\.alaw$/)
    t.equal(mode(join(settings.tapDir, name)), 0o620)
    t.ok(lstatSync(join(settings.tapDir, name)).isFIFO())
  }
  const service = new FakeService(settings.socket)
  const prefixes = new Set<string>()
  for (let request = 1; request <= 20; request++) {
    service.send({ t: 'take', request, tag: '' })
    const { prefix } = await service.waitForMessage('taken', taken => taken.request === request)
    t.ok(existsSync(`${prefix}.rx.alaw`) && existsSync(`${prefix}.tx.alaw`))
    prefixes.add(prefix)
  }
  t.equal(prefixes.size, 20, 'each name is given out once')
})

// Only a user in two groups, or root, can change the group of the folder.
const other =
  process.getuid?.() === 0 ? 65_534 : process.getgroups?.().find(gid => gid !== process.getegid?.())
if (other !== undefined) {
  t.test('a folder of the group of Asterisk is open to that group only', async t => {
    const settings = await keeperSettings(t, { batch: 1 })
    mkdirSync(settings.tapDir)
    chownSync(settings.tapDir, -1, other)
    const keeper = await startKeeper(t, settings)
    t.strictSame(keeper.outcome, { ok: true })
    t.equal(mode(settings.tapDir), 0o2750)
    const names = readdirSync(settings.tapDir)
    t.equal(names.length, 2, 'there is one pair of pipes')
    for (const name of names) {
      const pipe = lstatSync(join(settings.tapDir, name))
      t.equal(pipe.gid, other)
      t.equal(pipe.mode & 0o777, 0o620)
    }
  })
}

t.test('audio arrives with its offset, and eof only after the writer has closed', async t => {
  const settings = await keeperSettings(t)
  await startKeeper(t, settings)
  const service = new FakeService(settings.socket)
  const { pair, prefix } = await service.openTap()
  // One second without a writer must not end the pipe.
  await service.waitForMessage('ping')
  const spoken = [randomBytes(100_000), randomBytes(70_000)] as const
  const pipes = await openPipes(t, prefix)
  await Promise.all(pipes.map((pipe, leg) => pipe.writeFile(spoken[leg]!)))
  await until(() => service.bytes(0).length === 100_000 && service.bytes(1).length === 70_000)
  t.notOk(service.messages.some(({ t }) => t === 'eof'))
  await pipes[0].close()
  t.match(await service.waitForMessage('eof'), { pair, leg: 0, total: 100_000 })
  await pipes[1].close()
  t.match(await service.waitForMessage('eof', ({ leg }) => leg === 1), { total: 70_000 })
  t.ok(service.bytes(0).equals(spoken[0]))
  t.ok(service.bytes(1).equals(spoken[1]))
  t.ok(existsSync(`${prefix}.rx.alaw`), 'a pipe stays until its channel is gone')
  service.send({ t: 'gone', pair })
  await until(() => !existsSync(`${prefix}.rx.alaw`) && !existsSync(`${prefix}.tx.alaw`))
  // The keeper makes the folder read-only again after both pipes are removed.
  await until(() => mode(settings.tapDir) === 0o500)
})

t.test('a channel that ends without audio ends its pipes at offset 0', async t => {
  const settings = await keeperSettings(t)
  await startKeeper(t, settings)
  const service = new FakeService(settings.socket)
  const { pair, prefix } = await service.openTap()
  service.send({ t: 'gone', pair })
  t.match(await service.waitForMessage('eof', ({ leg }) => leg === 0), { total: 0 })
  t.match(await service.waitForMessage('eof', ({ leg }) => leg === 1), { total: 0 })
  await until(() => !existsSync(`${prefix}.rx.alaw`))
  const next = new FakeService(settings.socket)
  await next.waitForMessage('held-all')
  t.notOk(
    next.messages.some(({ t }) => t === 'held'),
    'the keeper has forgotten it',
  )
})

t.test('if Asterisk still writes after the channel has ended, the pipe is read to its end', async t => {
  const settings = await keeperSettings(t)
  await startKeeper(t, settings)
  const service = new FakeService(settings.socket)
  const { pair, prefix } = await service.openTap()
  const pipes = await openPipes(t, prefix)
  service.send({ t: 'gone', pair })
  await service.waitForMessage('ping')
  const last = randomBytes(50_000)
  await pipes[0].writeFile(last)
  for (const pipe of pipes) await pipe.close()
  t.match(await service.waitForMessage('eof', ({ leg }) => leg === 0), { total: 50_000 })
  t.ok(service.bytes(0).equals(last))
})

t.test('beyond 30 s the oldest audio is discarded, and the gap is exact', async t => {
  const settings = await keeperSettings(t)
  await startKeeper(t, settings)
  const first = new FakeService(settings.socket)
  const { pair, prefix } = await first.openTap('the tag')
  const spoken = randomBytes(500_000)
  const pipes = await openPipes(t, prefix)
  await pipes[0].write(spoken, 0, 100_000)
  await until(() => first.bytes(0).length === 100_000)
  first.ack(pair, 0, 50_000)
  first.close()
  await pipes[0].write(spoken, 100_000, 400_000)
  for (const pipe of pipes) await pipe.close()

  const endOfLeg = async (): Promise<number> => {
    const look = new FakeService(settings.socket)
    const { legs } = await look.waitForMessage('held')
    look.close()
    return legs[0].end
  }
  await until(async () => (await endOfLeg()) === 500_000)
  const successor = new FakeService(settings.socket)
  const held = await successor.waitForMessage('held')
  t.match(held, { pair, prefix, tag: 'the tag', legs: exactly({ acked: 50_000, end: 500_000 }, { end: 0 }) })
  t.equal(successor.bytes(0).length, 0, 'nothing comes unasked')
  successor.send({ t: 'want', pair, from: [50_000, 0] })
  t.match(await successor.waitForMessage('eof', ({ leg }) => leg === 0), { total: 500_000 })
  t.match(await successor.waitForMessage('gap'), { leg: 0, from: 50_000, to: 260_000 })
  t.ok(successor.bytes(0).equals(spoken.subarray(260_000)), 'the last 30 s are there')
})

t.test('a newer service replaces the older one, and other peers change nothing', async t => {
  const settings = await keeperSettings(t)
  await startKeeper(t, settings)
  const older = new FakeService(settings.socket)
  const { pair } = await older.openTap()
  const length = Buffer.alloc(4)
  length.writeUInt32LE(1_000_000)
  const strangers = [length, Buffer.from('GET / HTTP/1.1\r\n\r\n'), controlFrame({ t: 'held-all' })]
  for (const bytes of strangers) {
    const stranger = new FakeService(settings.socket, false)
    stranger.sendRaw(bytes)
    await until(() => stranger.closed)
  }
  const rude = new FakeService(settings.socket, false)
  rude.send({ t: 'gone', pair })
  rude.send({ t: 'take', request: 9, tag: '' })
  rude.close()
  await older.waitForMessage('ping')
  t.notOk(older.closed)
  const newer = new FakeService(settings.socket)
  await older.waitForMessage('replaced')
  await until(() => older.closed)
  t.match(await newer.waitForMessage('held'), { pair, gone: false })
  t.equal(newer.messages.filter(({ t }) => t === 'held').length, 1)
})

t.test('a service that does not read blocks no pipe and fills no memory', async t => {
  const settings = await keeperSettings(t, { heldBytes: 200_000 })
  await startKeeper(t, settings)
  const deaf = new FakeService(settings.socket)
  const { pair, prefix } = await deaf.openTap()
  deaf.pause()
  const pipes = await openPipes(t, prefix)
  await pipes[0].writeFile(Buffer.alloc(5_000_000, 1))
  for (const pipe of pipes) await pipe.close()
  const successor = new FakeService(settings.socket)
  successor.send({ t: 'want', pair, from: [0, 0] })
  t.match(await successor.waitForMessage('eof', ({ leg }) => leg === 0), { total: 5_000_000 })
  t.match(await successor.waitForMessage('gap'), { from: 0, to: 4_800_000 })
  t.equal(successor.bytes(0).length, 200_000)
  deaf.close()
})

t.test('a socket has one keeper, and the socket of a dead keeper is replaced', async t => {
  const settings = await keeperSettings(t)
  const first = await startKeeper(t, settings)
  const second = await startKeeper(t, settings)
  t.strictSame(second.outcome, { ok: true, running: true })
  t.equal(await second.ended, 0)
  await first.kill()
  const third = await startKeeper(t, settings)
  t.strictSame(third.outcome, { ok: true })
})

t.test('invalid settings are refused with a message', async t => {
  const settings = await keeperSettings(t)
  const open = { ...settings, socket: join(dirname(settings.tapDir), 'open', 'keeper.sock') }
  mkdirSync(dirname(open.socket), { mode: 0o755 })
  t.match((await startKeeper(t, open)).outcome.error, /0700/)
  const relative = { ...settings, tapDir: 'tap' }
  t.match((await startKeeper(t, relative)).outcome.error, /tapDir/)
  const file = { ...settings, tapDir: join(dirname(settings.tapDir), 'file') }
  writeFileSync(file.tapDir, '')
  const { outcome, ended } = await startKeeper(t, file)
  t.ok(outcome.error)
  t.equal(await ended, 1)
  t.notOk(JSON.stringify(outcome).includes('secret'))
})

t.test('a folder with other files is refused and keeps its mode', async t => {
  const settings = await keeperSettings(t)
  const tapDir = join(dirname(settings.tapDir), 'home')
  mkdirSync(tapDir, { mode: 0o755 })
  writeFileSync(join(tapDir, 'letter'), '')
  const { outcome, ended } = await startKeeper(t, { ...settings, tapDir })
  t.match(outcome.error, /home contains other files, such as letter: name an empty folder for the pipes/)
  t.equal(await ended, 1)
  t.equal(mode(tapDir), 0o755)
})

t.test('a deleted tap folder is made again for the next call', async t => {
  const settings = await keeperSettings(t)
  await startKeeper(t, settings)
  const service = new FakeService(settings.socket)
  await removeProtected(settings.tapDir)
  const { prefix } = await service.openTap()
  for (const suffix of SUFFIXES) t.ok(lstatSync(prefix + suffix).isFIFO())
  // The folder is writable while the pool is filled.
  await until(() => mode(settings.tapDir) === 0o500)
})

t.test('without a service and without pipes in use the keeper ends and leaves no file', async t => {
  const settings = await keeperSettings(t, { idleEndMs: 1_000 })
  const keeper = await startKeeper(t, settings)
  t.equal(await keeper.ended, 0)
  t.strictSame(readdirSync(settings.tapDir), [])
  t.notOk(existsSync(settings.socket))
})

t.test('a keeper that is stopped returns callers to the dialplan who came in meanwhile', async t => {
  const pbx = await FakePbx.start(t)
  const requests: string[] = []
  const replies: [RegExp, number, object?][] = [
    [/^GET \/ari\/applications\/consentry$/, 200, { channel_ids: ['1.1'] }],
    [/^GET \/ari\/channels\/1\.1$/, 200, { dialplan: { app_name: 'Stasis', app_data: 'consentry,100' } }],
    [/^(POST|DELETE) /, 204],
  ]
  pbx.requestHandler = (request, response) => {
    const line = `${request.method} ${request.url}`
    requests.push(line)
    const [, status = 404, body] = replies.find(([path]) => path.test(line)) ?? []
    response.writeHead(status).end(body && JSON.stringify(body))
  }
  const settings = await keeperSettings(t)
  const ari = { ...settings.ari, url: pbx.url }
  const keeper = await startKeeper(t, { ...settings, ari })
  const service = new FakeService(settings.socket, false)
  service.hello(ari)
  await service.waitForMessage('held-all')
  service.send({ t: 'stop' })
  t.equal(await keeper.ended, 0)
  t.ok(requests.includes('POST /ari/channels/1.1/continue'), requests.join('\n'))
})
