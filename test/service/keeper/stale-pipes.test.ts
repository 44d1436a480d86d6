// Real: the keeper, which is killed, pipes. Fake: Asterisk, the service and its frames.
// Nothing answers at ARI.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { FakeService } from '../../support/fakes/fake-service.js'
import { until } from '../../support/processes/database.js'
import { keeperSettings, openPipes, startKeeper } from '../../support/processes/keeper.js'

t.test('the next keeper continues where the dead one stopped, if the service reopens the pipes', async t => {
  const settings = await keeperSettings(t)
  const first = await startKeeper(t, settings)
  const service = new FakeService(settings.socket)
  const { prefix } = await service.openTap()
  const pipes = await openPipes(t, prefix)
  await pipes[0].writeFile(randomBytes(1_000))
  await until(() => service.bytes(0).length === 1_000)
  await first.kill()
  await t.rejects(pipes[0].writeFile('nobody reads'), { code: 'EPIPE' })

  await startKeeper(t, settings)
  const again = new FakeService(settings.socket)
  again.send({ t: 'reopen', request: 5, prefix, tag: 'the same call', base: 1_000 })
  const { pair } = await again.waitForMessage('taken', ({ request }) => request === 5)
  const spoken = randomBytes(40_000)
  await pipes[0].writeFile(spoken)
  await pipes[0].close()
  t.match(await again.waitForMessage('eof', ({ leg }) => leg === 0), { pair, total: 41_000 })
  t.ok(again.bytes(0).equals(spoken))
  await pipes[1].close()
  again.send({ t: 'reopen', request: 6, prefix, tag: '', base: 0 })
  t.match(await again.waitForMessage('refused'), { request: 6 }, 'a pair is claimed once')
})

t.test('unclaimed pipes are removed, and a writer that waits for a reader continues', async t => {
  const settings = await keeperSettings(t, { staleMs: 500 })
  const first = await startKeeper(t, settings)
  const service = new FakeService(settings.socket)
  const { prefix } = await service.openTap()
  await first.kill()
  const fifo = `${settings.tapDir}/${'0'.repeat(24)}.rx.alaw`
  execFileSync('chmod', ['700', settings.tapDir])
  execFileSync('mkfifo', [fifo])
  const stray = `${settings.tapDir}/${'1'.repeat(24)}.tx.alaw`
  writeFileSync(stray, 'plaintext that someone wrote in place of a pipe')
  // The writer hangs as Asterisk would, because there is no reader.
  const waiting = openPipes(t, prefix)
  await startKeeper(t, settings)
  t.notOk(existsSync(fifo), 'half a pair')
  t.notOk(existsSync(stray), 'a file with the name of a pipe')
  const pipes = await waiting
  await until(() => !existsSync(`${prefix}.rx.alaw`) && !existsSync(`${prefix}.tx.alaw`))
  // The names are removed before the reader closes, so that no new writer waits for a reader.
  const refusal = () =>
    pipes[0].writeFile('nobody reads').then(
      () => undefined,
      ({ code }) => code,
    )
  await until(async () => (await refusal()) === 'EPIPE')
  for (const pipe of pipes) await pipe.close()
})
