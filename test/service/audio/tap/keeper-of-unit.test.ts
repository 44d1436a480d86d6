// Real: the keeper's client, keepers, sockets, pipes. Fake: systemd, as the test that starts keepers; Asterisk.
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { KeeperClient } from '../../../../src/audio/tap/keeper-client.js'
import type { TapListener } from '../../../../src/audio/tap/tap.js'
import type { AudioBlock } from '../../../../src/core/audio.js'
import { silent, until } from '../../../support/processes/database.js'
import { keeperSettings, startKeeper, writeOneBlock } from '../../../support/processes/keeper.js'
import { isAlive, startKeeperClient } from '../../../support/processes/recorder-setup.js'

const listener: TapListener = {
  block: () => {},
  filling: () => {},
  gap: () => {},
  end: () => {},
  interrupted: () => {},
}

/** Settings of a keeper as its unit gives them, without access to the PBX, and of the service beside it. */
async function unit(t: Test) {
  const { ari, ...ofUnit } = await keeperSettings(t, { staleMs: 100 })
  return { ofUnit, ofService: { ...ofUnit, ari, hasUnit: true } }
}

t.test('the service uses the keeper of the unit, which ends with it once it has nothing to keep', async t => {
  const { ofUnit, ofService } = await unit(t)
  const keeper = await startKeeper(t, ofUnit)
  t.match(keeper.outcome, { ok: true })
  const client = await startKeeperClient(t, ofService)
  t.equal(client.pid, keeper.pid)
  const tap = await client.openTap('call', listener)
  const [spoken] = await writeOneBlock(tap.reference)
  t.ok(spoken)
  await client.stop()
  t.ok(isAlive(keeper.pid), 'it has a pipe in use')
  const next = await startKeeperClient(t, ofService)
  t.equal(next.pid, keeper.pid)
  const acknowledge = ({ leg, sample, bytes }: AudioBlock): void =>
    recovered.acknowledge(leg, sample + bytes.length)
  const from = { caller: 0, agent: 0 }
  const recovered = next.recoverTap(next.held[0]!, from, { ...listener, block: acknowledge })
  recovered.end()
  await until(() => recovered.allAcknowledged)
  await next.stop()
  t.equal(await keeper.ended, 0)
})

t.test('a service that starts before its keeper waits for it', async t => {
  const { ofUnit, ofService } = await unit(t)
  const starting = startKeeperClient(t, ofService)
  await pause(200)
  const keeper = await startKeeper(t, ofUnit)
  t.equal((await starting).pid, keeper.pid)
})

t.test('without a keeper, the service says which unit is missing, and starts none', async t => {
  const { ofService } = await unit(t)
  await t.rejects(KeeperClient.start({ ...ofService, unitTimeoutMs: 200 }, silent), {
    code: 'tap.unavailable',
    message: /CONSENTRY_KEEPER_SOCKET .*keeper\.sock .*start consentry-keeper\.service/,
  })
})

t.test('a keeper that dies is replaced by its unit, and the service goes on with the next one', async t => {
  const { ofUnit, ofService } = await unit(t)
  const first = await startKeeper(t, ofUnit)
  const client = await startKeeperClient(t, ofService)
  await first.kill()
  const second = await startKeeper(t, ofUnit)
  await until(() => client.pid === second.pid)
  t.ok((await client.openTap('call', listener)).reference)
})

t.test('a keeper that hangs is killed, so that the unit replaces it', async t => {
  const { ofUnit, ofService } = await unit(t)
  const first = await startKeeper(t, ofUnit)
  const client = await startKeeperClient(t, ofService)
  process.kill(first.pid, 'SIGSTOP')
  await first.ended
  const second = await startKeeper(t, ofUnit)
  await until(() => client.pid === second.pid)
})

t.test('a keeper that hangs before the service comes is killed, so that the unit replaces it', async t => {
  const { ofUnit, ofService } = await unit(t)
  const first = await startKeeper(t, ofUnit)
  process.kill(first.pid, 'SIGSTOP')
  const starting = startKeeperClient(t, ofService)
  await first.ended
  const second = await startKeeper(t, ofUnit)
  t.equal((await starting).pid, second.pid)
})

t.test('a service that stops does not wait for a keeper that its unit starts later', async t => {
  const { ofUnit, ofService } = await unit(t)
  const keeper = await startKeeper(t, ofUnit)
  const client = await startKeeperClient(t, { ...ofService, unitTimeoutMs: 120_000 })
  await keeper.kill()
  await until(() => client.pid === undefined)
  const stopped = client.stop().then(() => 'stopped')
  t.equal(await Promise.race([stopped, pause(30_000, 'waits', { ref: false })]), 'stopped')
})

t.test('a keeper of another tap folder is left alone, and the service names both folders', async t => {
  const { ofUnit, ofService } = await unit(t)
  const tapDir = join(dirname(ofUnit.tapDir), 'other')
  const keeper = await startKeeper(t, { ...ofUnit, tapDir })
  await t.rejects(KeeperClient.start(ofService, silent), {
    code: 'tap.unavailable',
    message: `the keeper at ${ofUnit.socket} reads ${tapDir}, and CONSENTRY_TAP_DIR is ${ofUnit.tapDir}: give the keeper's unit and the service the same folder`,
  })
  t.ok(isAlive(keeper.pid))
})

t.test('a keeper that an earlier service started for itself is ended', async t => {
  const { ofUnit, ofService } = await unit(t)
  const socket = join(dirname(ofUnit.tapDir), 'earlier', 'keeper.sock')
  const earlier = await startKeeper(t, { ...ofUnit, socket })
  const keeper = await startKeeper(t, ofUnit)
  const client = await startKeeperClient(t, ofService)
  t.equal(client.pid, keeper.pid)
  t.equal(await earlier.ended, 0)
})
