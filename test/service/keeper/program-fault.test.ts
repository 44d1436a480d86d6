// Real: the keeper, which makes a mistake, pipes. Fake: Asterisk, the service and its frames.
// Nothing answers at ARI.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { FakeService } from '../../support/fakes/fake-service.js'
import { until } from '../../support/processes/database.js'
import { keeperSettings, openPipes, startKeeper } from '../../support/processes/keeper.js'
import { faultOnSignal, QUOTED } from '../../support/processes/program-fault.js'

t.test('a keeper that makes a mistake says so and ends, and the next one reads its pipes on', async t => {
  const settings = await keeperSettings(t)
  const first = await startKeeper(t, settings, { NODE_OPTIONS: faultOnSignal })
  const service = new FakeService(settings.socket)
  const { prefix } = await service.openTap()
  const pipes = await openPipes(t, prefix)
  await pipes[0].writeFile(randomBytes(1_000))
  await until(() => service.bytes(0).length === 1_000)
  process.kill(first.pid, 'SIGUSR2')
  const { text } = await service.waitForMessage('note')
  t.match(text, /^the keeper ends: a TypeError at an unknown place/)
  t.notOk(text.includes(QUOTED))
  t.equal(await first.ended, 1)

  await startKeeper(t, settings)
  const again = new FakeService(settings.socket)
  again.send({ t: 'reopen', request: 5, prefix, tag: 'the same call', base: 1_000 })
  await again.waitForMessage('taken', ({ request }) => request === 5)
  await pipes[0].writeFile(randomBytes(500))
  await until(() => again.bytes(0).length === 500)
})
