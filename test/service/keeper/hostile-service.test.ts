// Real: the keeper, its socket, pipes. Fake: Asterisk, the services, other peers.
// Long: five times as many frames.
import fc from 'fast-check'
import t from 'tap'
import { controlFrame } from '../../../src/keeper/protocol.js'
import { FakeService } from '../../support/fakes/fake-service.js'
import { oddFrames } from '../../support/fuzz/frames.js'
import { fuzzRuns, seed } from '../../support/fuzz/seeded.js'
import { until } from '../../support/processes/database.js'
import { keeperSettings, openPipes, startKeeper } from '../../support/processes/keeper.js'

const AUDIO = Buffer.from(Array.from({ length: 1_000 }, (_, i) => i % 251))
const ROUNDS = 30

t.test(`arbitrary input from other peers at the socket loses no audio (seed ${seed})`, async t => {
  const settings = await keeperSettings(t)
  await startKeeper(t, settings)
  const service = new FakeService(settings.socket)
  const { prefix } = await service.openTap()
  const pipes = await openPipes(t, prefix)
  const frames = fc.sample(oddFrames, fuzzRuns(800, 4_000))
  const each = Math.ceil(frames.length / ROUNDS)
  for (let round = 0; round < ROUNDS; round++) {
    const strangers = [0, 1, 2].map(() => new FakeService(settings.socket, false))
    for (const [i, bytes] of frames.slice(round * each, (round + 1) * each).entries())
      strangers[i % 3]!.sendRaw(bytes)
    for (const pipe of pipes) await pipe.writeFile(AUDIO)
    await until(() => service.bytes(0).length === (round + 1) * AUDIO.length)
    for (const stranger of strangers) stranger.close()
  }
  for (const pipe of pipes) await pipe.close()
  await until(() => service.bytes(1).length === ROUNDS * AUDIO.length)
  const spoken = Buffer.concat(Array.from({ length: ROUNDS }, () => AUDIO))
  for (const leg of [0, 1] as const) t.ok(service.bytes(leg).equals(spoken), `leg ${leg} is whole`)
  t.notOk(service.closed)
})

t.test('a service that breaks the protocol is disconnected, and the next one gets all audio', async t => {
  const settings = await keeperSettings(t)
  await startKeeper(t, settings)
  let spoken = 0
  const first = new FakeService(settings.socket)
  const { pair, prefix } = await first.openTap()
  const pipes = await openPipes(t, prefix)
  for (const bytes of fc.sample(oddFrames, fuzzRuns(15, 75))) {
    const mad = new FakeService(settings.socket)
    await mad.waitForMessage('held-all')
    for (const pipe of pipes) await pipe.writeFile(AUDIO)
    spoken += AUDIO.length
    mad.sendRaw(bytes)
    mad.close()
  }
  const successor = new FakeService(settings.socket)
  await successor.waitForMessage('held', held => held.pair === pair)
  successor.send({ t: 'want', pair, from: [0, 0] })
  await until(() => successor.bytes(0).length === spoken && successor.bytes(1).length === spoken)
  t.ok(successor.bytes(0).subarray(-AUDIO.length).equals(AUDIO))
  for (const pipe of pipes) await pipe.close()
})

t.test('a hello with an invalid ARI URL does not replace the service', async t => {
  const settings = await keeperSettings(t)
  await startKeeper(t, settings)
  const service = new FakeService(settings.socket)
  await service.waitForMessage('held-all')
  for (const url of ['', 'nowhere', 'file:///etc/passwd', 'http://']) {
    const stranger = new FakeService(settings.socket, false)
    stranger.hello({ ...settings.ari, url })
    await until(() => stranger.closed)
  }
  await service.waitForMessage('ping')
  t.notOk(service.closed)
})

t.test('peers that send nothing, or read no answer, are disconnected', async t => {
  const settings = await keeperSettings(t)
  await startKeeper(t, settings)
  const silent = Array.from({ length: 8 }, () => new FakeService(settings.socket, false))
  await until(() => silent.every(({ closed }) => closed))
  const service = new FakeService(settings.socket)
  await service.waitForMessage('held-all')
  const greedy = new FakeService(settings.socket, false)
  greedy.pause()
  const { ari } = settings
  const hellos = Buffer.concat(
    Array.from({ length: 1_000 }, () => controlFrame({ t: 'hello', version: 99, ari, service: 's' })),
  )
  await until(() => {
    greedy.sendRaw(hellos)
    return greedy.closed
  })
  await service.waitForMessage('ping')
  t.notOk(service.closed)
})
