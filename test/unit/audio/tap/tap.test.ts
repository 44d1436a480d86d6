// Real: one tap. Fake: the connection to the keeper, which notes what is sent, and the keeper's client.
import t from 'tap'
import type { KeeperLink } from '../../../../src/audio/tap/keeper-link.js'
import { Tap } from '../../../../src/audio/tap/tap.js'
import type { AudioBlock, Leg } from '../../../../src/core/audio.js'

function newTap() {
  const sent: unknown[] = []
  const link = {
    send: (message: unknown) => sent.push(message),
    ack: (...ack: unknown[]) => sent.push(ack),
  } as unknown as KeeperLink
  const forgotten: Tap[] = []
  const keeper = {
    link: link as KeeperLink | undefined,
    readAgain: async () => {},
    forget: (tap: Tap) => void forgotten.push(tap),
  }
  const reported: unknown[] = []
  const listener = {
    block: ({ leg, sample }: AudioBlock) => void reported.push(['block', leg, sample]),
    gap: (leg: Leg, from: number, to: number) => void reported.push(['gap', leg, from, to]),
    end: (leg: Leg) => void reported.push(['end', leg]),
    filling: () => {},
    interrupted: () => {},
  }
  const from = { caller: 0, agent: 0 }
  const tap = new Tap({ keeper, reference: '/tap/x', tag: 'call', pair: 4, from, listener })
  const receive = (leg: Leg, sample: number, samples: number) =>
    tap.receiveBlock({ leg, sample, arrivedAt: 1, bytes: Buffer.alloc(samples) })
  return { tap, keeper, link, sent, reported, forgotten, receive }
}

t.test(
  'a new connection asks for the samples that were not received, and repeats the acknowledgements',
  async t => {
    const { tap, keeper, link, sent, receive } = newTap()
    keeper.link = undefined
    receive('caller', 0, 100)
    tap.receiveGap('agent', 0, 30)
    receive('agent', 30, 5)
    tap.acknowledge('caller', 60)
    tap.end()
    t.strictSame(sent, [], 'nothing is sent without a connection')
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
  const { tap, sent, receive } = newTap()
  receive('caller', 0, 100)
  tap.acknowledge('caller', 100)
  tap.acknowledge('caller', 50)
  t.strictSame(sent, [[4, 0, 100]])
})

t.test('samples that do not follow those received are refused', async t => {
  const { tap, reported, receive } = newTap()
  receive('caller', 0, 10)
  t.throws(() => receive('caller', 5, 10), { message: 'samples 5 to 15 where 10 was next' })
  t.throws(() => receive('caller', 11, 1))
  t.throws(() => receive('caller', 10, 0))
  t.throws(() => tap.receiveGap('caller', 10, 10))
  t.strictSame(reported, [['block', 'caller', 0]])
})

t.test(
  'the keeper forgets the tap when the channel is gone, both legs have ended, and every sample is acknowledged',
  async t => {
    const { tap, sent, reported, forgotten, receive } = newTap()
    receive('caller', 0, 10)
    tap.receiveEnd('caller')
    tap.end()
    t.ok(tap.ending)
    t.notOk(tap.allReceived)
    tap.receiveEnd('agent')
    t.ok(tap.allReceived)
    t.notOk(tap.allAcknowledged)
    t.strictSame(forgotten, [])
    tap.acknowledge('caller', 10)
    t.ok(tap.allAcknowledged)
    t.equal(forgotten.length, 1)
    t.equal(forgotten[0], tap)
    t.strictSame(sent, [{ t: 'gone', pair: 4 }, [4, 0, 10]])
    t.strictSame(reported, [
      ['block', 'caller', 0],
      ['end', 'caller'],
      ['end', 'agent'],
    ])
  },
)

t.test('legs that are read again have not ended', async t => {
  const { tap, receive } = newTap()
  tap.receiveEnd('caller')
  tap.receiveEnd('agent')
  tap.pipesReadAgain()
  tap.end()
  t.notOk(tap.allReceived)
  receive('caller', 0, 10)
  tap.receiveEnd('caller')
  tap.receiveEnd('agent')
  t.ok(tap.allReceived)
})

t.test('both legs continue with another keeper at the sample of the longer one', async t => {
  const { tap, link, sent, receive } = newTap()
  receive('caller', 0, 64)
  receive('agent', 0, 32)
  t.strictSame(tap.keeperDied(), { sample: 64, lost: { caller: 0, agent: 32 } })
  tap.acknowledge('caller', 64)
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
