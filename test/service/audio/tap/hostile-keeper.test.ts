// Real: the keeper's client, its socket. Fake: the keeper, which sends frames that no keeper sends.
// Long: five times as many frames.
import { mkdir } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { KeeperClient } from '../../../../src/audio/tap/keeper-client.js'
import type { TapListener } from '../../../../src/audio/tap/tap.js'
import {
  audioHead,
  controlFrame,
  type FromKeeper,
  PROTOCOL_VERSION,
} from '../../../../src/keeper/protocol.js'
import { oddFrames } from '../../../support/fuzz/frames.js'
import { fuzzRuns, seed } from '../../../support/fuzz/seeded.js'
import { silent, until } from '../../../support/processes/database.js'
import { keeperSettings } from '../../../support/processes/keeper.js'

/** Higher than Linux gives out: a keeper that is silent for long is killed. */
const NO_PROCESS = 2 ** 22 + 1

t.test(
  `a keeper that sends junk is left and found again, and no junk becomes audio (seed ${seed})`,
  async t => {
    const settings = await keeperSettings(t)
    await mkdir(dirname(settings.socket), { mode: 0o700 })
    const say = (socket: Socket, message: FromKeeper) => socket.write(controlFrame(message))
    const held = { acked: 0, end: 5, closed: false }
    let connections = 0
    let current: Socket | undefined
    const server = createServer(socket => {
      connections += 1
      current = socket
      socket.on('error', () => {})
      const { tapDir } = settings
      say(socket, { t: 'hello', version: PROTOCOL_VERSION, keeper: 'one', pid: NO_PROCESS, tapDir })
      say(socket, { t: 'held', pair: 1, prefix: `${tapDir}/a`, tag: 'call', gone: false, legs: [held, held] })
      say(socket, { t: 'held-all' })
      socket.resume()
    })
    server.listen(settings.socket)
    const client = await KeeperClient.start(settings, silent)
    t.teardown(async () => {
      server.close()
      await client.stop()
    })
    const places: [number, number][] = []
    const listener: TapListener = {
      block: ({ leg, sample, bytes }) =>
        void (leg === 'caller' && places.push([sample, sample + bytes.length])),
      gap: (leg, from, to) => void (leg === 'caller' && places.push([from, to])),
      end: () => {},
      filling: () => {},
      interrupted: () => {},
    }
    const tap = client.recoverTap(client.held[0]!, { caller: 0, agent: 0 }, listener)
    for (const bytes of fc.sample(oddFrames, fuzzRuns(60, 300))) {
      const known = connections
      current!.end(bytes)
      await until(() => connections > known && client.pid !== undefined)
    }
    const next = places.at(-1)?.[1] ?? 0
    current!.write(Buffer.concat([audioHead(1, 0, next, Date.now(), 3), Buffer.from('abc')]))
    await until(() => places.at(-1)?.[1] === next + 3)
    t.strictSame(
      places.map(([from]) => from),
      [0, ...places.slice(0, -1).map(([, to]) => to)],
      'each block or gap begins where the one before it ended',
    )
    t.equal(tap.tag, 'call')
  },
)
