// Real: the ear. Fake: the PBX's answers.
import t from 'tap'
import { createAriEar } from '../../../src/asterisk/ari-ear.js'
import type { AriTransport } from '../../../src/asterisk/transport/ari-transport.js'
import { AppError } from '../../../src/core/errors.js'
import type { ChannelId } from '../../../src/core/ids.js'

const channel = '1700000000.1' as ChannelId
const at = { host: '127.0.0.1', port: 40_000 }
const channelvars = { UNICASTRTP_LOCAL_ADDRESS: '127.0.0.1', UNICASTRTP_LOCAL_PORT: '12000' }

/** A PBX where a channel that was hung up keeps its id for a while. */
function pbxWithLeftovers(refusals: number) {
  const orders: string[] = []
  let left = refusals
  const request = async (_: string, operation: string) => {
    orders.push(operation)
    if (operation !== 'externalMedia') return undefined
    if (left-- > 0) throw new AppError('pbx.refused', 'the id is in use')
    return { channelvars }
  }
  return { orders, ari: () => ({ request }) as unknown as AriTransport }
}

t.test('an ear waits until the ids of the one that was left are free', async t => {
  const { orders, ari } = pbxWithLeftovers(3)
  const sources: unknown[] = []
  const ear = createAriEar(channel, 'consentry', at, ari)
  await ear.open(source => sources.push(source))
  t.strictSame(sources, [{ address: '127.0.0.1', port: 12_000 }])
  t.equal(orders.filter(order => order === 'externalMedia').length, 4)
  t.equal(
    orders.filter(order => order === 'destroy').length,
    3,
    'what an attempt made is removed before the next',
  )
  await ear.close()
})

t.test('an ear that is closed meanwhile gives up', async t => {
  const { orders, ari } = pbxWithLeftovers(Number.POSITIVE_INFINITY)
  const ear = createAriEar(channel, 'consentry', at, ari)
  const opened = t.rejects(
    ear.open(() => t.fail('there is nothing to hear')),
    { code: 'pbx.refused' },
  )
  await ear.close()
  await opened
  t.equal(orders.at(-1), 'destroy', 'nothing is left')
})

/** A PBX that knows which channels and bridges there are. `removes`: whether it takes orders to remove them; `delayed` holds up making a channel. */
function pbxWithState() {
  const there = new Set<string>()
  const state = { there, removes: true, delayed: Promise.resolve() }
  const request = async (_: string, operation: string, args: Record<string, string>) => {
    const id = args['snoopId'] ?? args['bridgeId'] ?? args['channelId'] ?? ''
    if (['externalMedia', 'snoopChannelWithId', 'createWithId'].includes(operation)) {
      if (there.has(id)) throw new AppError('pbx.refused', 'the id is in use')
      there.add(id)
      if (operation === 'externalMedia') await state.delayed
      return { channelvars }
    }
    if (operation === 'hangup' || operation === 'destroy') {
      if (!state.removes) throw new AppError('pbx.timeout', 'no answer', { retryable: true })
      there.delete(id)
    }
    return undefined
  }
  return { state, ari: () => ({ request }) as unknown as AriTransport }
}
const WHOLE = ['1700000000.1-ear-consentry', '1700000000.1-ear-rtp', '1700000000.1-ear-spy']

t.test('an ear whose removal is repeated leaves the next ear of its channel alone', async t => {
  const { state, ari } = pbxWithState()
  const first = createAriEar(channel, 'consentry', at, ari)
  await first.open(() => {})
  state.removes = false
  const closed = first.close().catch(() => undefined)
  await new Promise(resolve => setImmediate(resolve))
  state.removes = true
  const next = createAriEar(channel, 'consentry', at, ari)
  await next.open(() => {})
  await closed
  t.strictSame([...state.there].sort(), WHOLE)
  await next.close()
  t.equal(state.there.size, 0)
})

t.test('an ear that opens late, and is closed then, leaves the next ear of its channel alone', async t => {
  const { state, ari } = pbxWithState()
  let goOn = () => {}
  state.delayed = new Promise(resolve => {
    goOn = resolve
  })
  const first = createAriEar(channel, 'consentry', at, ari)
  const opened = first.open(() => {})
  const next = createAriEar(channel, 'consentry', at, ari)
  const nextOpened = next.open(() => {})
  await new Promise(resolve => setImmediate(resolve))
  goOn()
  await Promise.all([opened, nextOpened])
  await first.close()
  t.strictSame([...state.there].sort(), WHOLE)
  await next.close()
  t.equal(state.there.size, 0)
})
