// Real: one tap. Fake: the connection to the keeper, which notes what is sent.
import t from 'tap'
import type { KeeperLink } from '../../../../src/audio/tap/keeper-link.js'
import { PipeTap } from '../../../../src/audio/tap/pipe-tap.js'

function newPipeTap() {
  const sent: unknown[] = []
  const link = {
    send: (message: unknown) => sent.push(message),
    ack: (...ack: unknown[]) => sent.push(ack),
  } as unknown as KeeperLink
  const reported: unknown[] = []
  const listener = {
    block: (pipe: number, offset: number) => reported.push(['block', pipe, offset]),
    gap: (pipe: number, from: number, to: number) => reported.push(['gap', pipe, from, to]),
    end: (pipe: number) => reported.push(['end', pipe]),
    filling: () => {},
    keeperDied: () => {},
  }
  const tap = new PipeTap({ prefix: '/tap/x', tag: 'call', pair: 4, from: [0, 0], listener })
  return { tap, link, sent, reported }
}

t.test(
  'a new connection asks for the bytes that were not received, and repeats the acknowledgements',
  async t => {
    const { tap, link, sent } = newPipeTap()
    tap.block(0, 0, 1, Buffer.alloc(100))
    tap.gap(1, 0, 30)
    tap.block(1, 30, 1, Buffer.alloc(5))
    tap.acknowledge(undefined, 0, 60)
    tap.channelGone = true
    tap.reattach(link)
    t.strictSame(sent, [
      { t: 'want', pair: 4, from: [100, 35] },
      [4, 0, 60],
      [4, 1, 0],
      { t: 'gone', pair: 4 },
    ])
  },
)

t.test('an acknowledgement never goes back', async t => {
  const { tap, link, sent } = newPipeTap()
  tap.block(0, 0, 1, Buffer.alloc(100))
  tap.acknowledge(link, 0, 100)
  tap.acknowledge(link, 0, 50)
  t.strictSame(sent, [[4, 0, 100]])
})

t.test(
  'all is acknowledged when the channel is gone, both pipes have ended, and every byte is acknowledged',
  async t => {
    const { tap, link, reported } = newPipeTap()
    tap.block(0, 0, 1, Buffer.alloc(10))
    tap.end(0)
    tap.channelGone = true
    t.notOk(tap.allReceived)
    tap.end(1)
    t.ok(tap.allReceived)
    t.notOk(tap.allAcknowledged)
    tap.acknowledge(link, 0, 10)
    t.ok(tap.allAcknowledged)
    t.strictSame(reported, [
      ['block', 0, 0],
      ['end', 0],
      ['end', 1],
    ])
  },
)

t.test('both pipes continue with another keeper at the offset of the longer one', async t => {
  const { tap, link, sent } = newPipeTap()
  tap.block(0, 0, 1, Buffer.alloc(64))
  tap.block(1, 0, 1, Buffer.alloc(32))
  t.strictSame(tap.keeperDied(), { base: 64, lost: [0, 32] })
  tap.acknowledge(link, 0, 64)
  t.strictSame(sent, [[0, 0, 64]], 'between two keepers the number of the pair is 0')
  tap.attachToNewKeeper(link, 9, 64)
  t.strictSame(
    sent.slice(1),
    [
      [9, 0, 64],
      [9, 1, 0],
    ],
    'the other keeper gets the acknowledgements',
  )
  tap.reattach(link)
  t.match(sent[3], { t: 'want', pair: 9, from: [64, 64] })
})
