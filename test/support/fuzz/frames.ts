import fc from 'fast-check'
import {
  ackFrame,
  audioHead,
  controlFrame,
  type FromKeeper,
  type FromService,
} from '../../../src/keeper/protocol.js'
import { hostileValue } from './hostile-values.js'
import { mutate, mutations } from './mutations.js'

const types = [
  ...['hello', 'take', 'reopen', 'want', 'gone', 'pong', 'rescued-noted'],
  ...['held', 'held-all', 'taken', 'refused', 'gap', 'eof', 'ping', 'rescued', 'note', '__proto__'],
]
const number = fc.oneof(fc.nat(3), hostileValue)
const legs = fc.array(fc.record({ acked: number, end: number, closed: hostileValue }), { maxLength: 3 })

/** A message of either side, with any field of either. Never one that makes its sender the service. */
export const oddMessages = fc.record(
  {
    t: fc.constantFrom(...types),
    version: fc.oneof(fc.constant(99), hostileValue),
    keeper: hostileValue,
    pid: fc.constantFrom(-1, 0, 1, 1.5, '1', null),
    ari: fc.oneof(
      hostileValue,
      fc.record({
        url: hostileValue,
        username: fc.constant('u'),
        password: fc.constant('p'),
        app: fc.constant('a'),
      }),
    ),
    request: number,
    pair: number,
    prefix: hostileValue,
    tag: hostileValue,
    base: number,
    from: fc.oneof(number, fc.tuple(number, number)),
    to: number,
    leg: number,
    total: number,
    gone: hostileValue,
    legs: fc.oneof(legs, hostileValue),
    upTo: number,
    channels: fc.oneof(
      fc.array(fc.record({ channel: hostileValue, at: number, reason: hostileValue })),
      hostileValue,
    ),
    reason: hostileValue,
    text: hostileValue,
  },
  { requiredKeys: ['t'] },
)

const places = fc.record({
  pair: fc.nat(3),
  leg: fc.constantFrom(0 as const, 1 as const),
  offset: fc.constantFrom(0, 5, 2 ** 40, Number.MAX_SAFE_INTEGER, -1, 0.5, Number.NaN, Infinity),
  at: fc.constantFrom(0, 1.5, Date.UTC(2026), -1, 1e300, Number.NaN, Infinity),
})

/** One frame, complete or not, or bytes that are no frame. */
export const oddFrames: fc.Arbitrary<Buffer> = fc.oneof(
  oddMessages.map(message => controlFrame(message as unknown as FromKeeper | FromService)),
  places.map(({ pair, leg, offset, at }) =>
    Buffer.concat([audioHead(pair, leg, offset, at, 8), Buffer.alloc(8)]),
  ),
  places.map(({ pair, leg, offset }) => ackFrame(pair, leg, offset)),
  fc
    .tuple(oddMessages, mutations)
    .map(([message, changes]) => mutate(controlFrame(message as unknown as FromService), changes)),
  fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
  fc.constantFrom(0, 1, 65_537, 2 ** 31, 2 ** 32 - 1).map(length => {
    const head = Buffer.alloc(5)
    head.writeUInt32LE(length)
    return head
  }),
)
