// Real: the keeper's client, keepers that it starts, sockets, pipes. Fake: Asterisk.
// The test writes into the pipes itself.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { KeeperAccess } from '../../../../src/audio/tap/keeper-access.js'
import { KeeperClient } from '../../../../src/audio/tap/keeper-client.js'
import type { TapListener } from '../../../../src/audio/tap/tap.js'
import type { Leg } from '../../../../src/core/audio.js'
import { exactly } from '../../../support/assertions/exactly.js'
import { FakePbx } from '../../../support/fakes/fake-pbx.js'
import { FakeService } from '../../../support/fakes/fake-service.js'
import { silent, until } from '../../../support/processes/database.js'
import { keeperSettings, openPipes, startKeeper, writeOneBlock } from '../../../support/processes/keeper.js'
import { isAlive, startKeeperClient } from '../../../support/processes/recorder-setup.js'

/** A left-over keeper looks each second for stale pipes, so this time has several looks, ms. */
const COMPARE_AFTER_MS = 2_500

/** Collects a tap's audio. */
function collector() {
  const legs: Record<Leg, Buffer[]> = { caller: [], agent: [] }
  const seen = { gaps: 0, ends: 0, interrupted: 0 }
  const listener: TapListener = {
    block: ({ leg, bytes }) => void legs[leg].push(Buffer.from(bytes)),
    filling: () => {},
    gap: () => seen.gaps++,
    end: () => seen.ends++,
    interrupted: () => seen.interrupted++,
  }
  return { listener, seen, bytes: (leg: Leg) => Buffer.concat(legs[leg]) }
}

/** Cables between client and keeper. */
async function cables(t: Test, settings: KeeperAccess) {
  const ends = new Set<Socket>()
  const fromKeeper = new Set<Socket>()
  const between = createServer(near => {
    const far = connect(settings.socket)
    fromKeeper.add(far)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from)
      from.pipe(to)
      from.on('error', () => {})
      from.on('close', () => to.destroy())
    }
  })
  const through = join(dirname(settings.socket), 'between.sock')
  between.listen(through)
  await once(between, 'listening')
  t.teardown(() => {
    for (const end of ends) end.destroy()
    between.close()
  })
  return {
    /** Path of a socket that leads to the keeper's. */
    through,
    /** Cuts client and keeper off from each other without ending either. */
    cut() {
      for (const end of ends) end.destroy()
      ends.clear()
    },
    /** From now on the client does not read what the keeper says before it ends a connection. */
    deafen() {
      for (const far of fromKeeper) far.unpipe().resume()
    },
  }
}

t.test('a running keeper is used again; a keeper of another tap folder is replaced', async t => {
  const settings = await keeperSettings(t)
  const first = await startKeeperClient(t, settings)
  const pid = first.pid!
  const tap = await first.openTap('call', collector().listener)
  await first.stop()
  t.ok(isAlive(pid), 'it has a pipe in use')
  const second = await startKeeperClient(t, settings)
  t.equal(second.pid, pid)
  t.match(second.held, exactly({ tag: 'call', prefix: tap.reference, gone: false }))
  await second.stop()
  const third = await startKeeperClient(t, { ...settings, tapDir: join(dirname(settings.tapDir), 'other') })
  t.not(third.pid, pid)
  t.notOk(isAlive(pid))
  t.strictSame(third.held, [])
})

t.test(
  'a keeper that a service of another data folder left in the tap folder is ended, and reads no pipe',
  async t => {
    const settings = await keeperSettings(t, { staleMs: 100 })
    const first = await startKeeperClient(t, settings)
    const leftOver = first.pid!
    await first.openTap('keeps the keeper alive', collector().listener)
    await first.stop()
    t.ok(isAlive(leftOver))
    const socket = join(dirname(settings.tapDir), 'other', 'run', 'keeper.sock')
    const second = await startKeeperClient(t, { ...settings, socket })
    t.not(second.pid, leftOver)
    await until(() => !isAlive(leftOver))
    const { listener, bytes } = collector()
    const tap = await second.openTap('of the other service', listener)
    await pause(COMPARE_AFTER_MS)
    t.ok(await tap.exists(), 'its pipes are not removed')
    const [spoken] = await writeOneBlock(tap.reference)
    await until(() => bytes('caller').length === spoken.length)
    t.ok(bytes('caller').equals(spoken))
    tap.end()
  },
)

t.test('a broken connection is made again, and no byte is lost or doubled', async t => {
  const settings = await keeperSettings(t)
  const owner = await startKeeperClient(t, settings)
  const keeperPid = owner.pid!
  await owner.openTap('keeps the keeper alive', collector().listener)
  await owner.stop()

  const { through, cut } = await cables(t, settings)
  const client = await startKeeperClient(t, { ...settings, socket: through })
  const heard = collector()
  const tap = await client.openTap('call', heard.listener)
  const pipes = await openPipes(t, tap.reference)
  const spoken = randomBytes(200_000)
  for (let at = 0; at < 200_000; at += 20_000) {
    await pipes[0].writeFile(spoken.subarray(at, at + 20_000))
    await until(() => heard.bytes('caller').length > at)
    tap.acknowledge('caller', Math.floor(at / 2))
    if (at % 40_000 === 0) cut()
  }
  for (const pipe of pipes) await pipe.close()
  cut()
  tap.end()
  await until(() => heard.seen.ends >= 2)
  t.ok(heard.bytes('caller').equals(spoken))
  t.match(heard.seen, { gaps: 0, interrupted: 0 })
  await until(() => client.pid !== undefined)
  t.equal(client.pid, keeperPid)
})

t.test(
  'a tap whose keeper died before it was recovered continues with the next keeper, beside other taps',
  async t => {
    const settings = await keeperSettings(t)
    const owner = await startKeeperClient(t, settings)
    const { pid } = owner
    const { reference } = await owner.openTap('call', collector().listener)
    await owner.stop()
    const client = await startKeeperClient(t, settings)
    process.kill(pid!, 'SIGKILL')
    await until(() => client.pid !== undefined && client.pid !== pid)
    const other = collector()
    const first = await client.openTap('other', other.listener)
    const heard = collector()
    const tap = client.recoverTap(client.held[0]!, { caller: 0, agent: 0 }, heard.listener)
    await until(() => heard.seen.interrupted === 1)
    t.not(tap.pair, first.pair)
    for (const [at, of] of [
      [reference, heard],
      [first.reference, other],
    ] as const) {
      const pipes = await openPipes(t, at)
      const spoken = randomBytes(20_000)
      await pipes[0].writeFile(spoken)
      await until(() => of.bytes('caller').length === spoken.length)
      t.ok(of.bytes('caller').equals(spoken))
      for (const pipe of pipes) await pipe.close()
    }
    for (const one of [tap, first]) one.end()
    await until(() => heard.seen.ends === 2 && other.seen.ends === 2)
  },
)

t.test('without a keeper no tap is opened; the keeper is soon replaced', async t => {
  const settings = await keeperSettings(t)
  const client = await startKeeperClient(t, settings)
  const pid = client.pid!
  process.kill(pid, 'SIGSTOP')
  await t.rejects(client.openTap('call', collector().listener), { code: 'tap.unavailable' })
  const waiting = client.openTap('call', collector().listener)
  process.kill(pid, 'SIGKILL')
  await t.rejects(waiting, { code: 'tap.unavailable' })
  await until(() => client.pid !== undefined && client.pid !== pid)
  t.ok((await client.openTap('call', collector().listener)).reference)
})

t.test('pipes that come after the request timed out are given back', async t => {
  const settings = await keeperSettings(t)
  const client = await startKeeperClient(t, settings)
  const pid = client.pid!
  process.kill(pid, 'SIGSTOP')
  await t.rejects(client.openTap('too late', collector().listener), { code: 'tap.unavailable' })
  process.kill(pid, 'SIGCONT')
  await until(async () => {
    const again = await client.openTap('in time', collector().listener).catch(() => undefined)
    return again !== undefined
  })
  await client.stop()
  const heldTags = async (): Promise<string[]> => {
    const look = new FakeService(settings.socket)
    await look.waitForMessage('held-all')
    look.close()
    return look.messages.flatMap(message => (message.t === 'held' ? [message.tag] : []))
  }
  await until(async () => !(await heldTags()).includes('too late'))
  t.strictSame(await heldTags(), ['in time'])
})

t.test('a service that was replaced does not connect to the keeper again', async t => {
  const settings = await keeperSettings(t)
  const client = await startKeeperClient(t, settings)
  await client.openTap('call', collector().listener)
  const other = new FakeService(settings.socket)
  await other.waitForMessage('held-all')
  await until(() => client.pid === undefined)
  await other.waitForMessage('ping')
  t.notOk(other.closed)
  t.equal(client.pid, undefined)
  other.close()
})

t.test('a service that could not read that it was replaced is told so when it connects again', async t => {
  const settings = await keeperSettings(t)
  await startKeeper(t, settings)
  const { through, deafen } = await cables(t, settings)
  const client = await startKeeperClient(t, { ...settings, socket: through })
  deafen()
  const other = new FakeService(settings.socket)
  await other.waitForMessage('held-all')
  await until(() => client.pid === undefined)
  const pings = () => other.messages.filter(message => message.t === 'ping').length
  await until(() => other.closed || pings() >= 2)
  t.notOk(other.closed, 'it does not take the keeper over again')
  t.equal(client.pid, undefined)
  other.close()
})

t.test('a keeper that cannot start reports the reason', async t => {
  const settings = await keeperSettings(t)
  await mkdir(dirname(settings.socket), { mode: 0o755 })
  const refusal = {
    code: 'tap.unavailable',
    message: /must belong to the user of this process and have mode 0700/,
  }
  await t.rejects(KeeperClient.start(settings, silent), refusal)
})

t.test('the keeper returns callers to the dialplan while its pings are not answered', async t => {
  const pbx = await FakePbx.start(t)
  const returned = () => pbx.requestedPaths.includes('/ari/channels/1.1/continue')
  pbx.requestHandler = (request, response) => {
    const body = request.url?.includes('applications')
      ? { channel_ids: ['1.1'] }
      : { dialplan: { app_name: 'Stasis', app_data: 'consentry,100' } }
    response.writeHead(request.method === 'GET' ? 200 : 204)
    response.end(request.method === 'GET' ? JSON.stringify(body) : undefined)
  }
  const settings = await keeperSettings(t)
  const access = { ...settings, ari: { ...settings.ari, url: pbx.url } }
  await startKeeperClient(t, access, { serves: () => false })
  await t.resolves(until(returned))
})
