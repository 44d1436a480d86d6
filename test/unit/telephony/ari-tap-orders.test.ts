// Real: the orders that start a tap. Fake: the PBX.
import t from 'tap'
import { AppError } from '../../../src/shared/errors.js'
import type { ChannelId } from '../../../src/shared/ids.js'
import { createTapOrders } from '../../../src/telephony/ari-tap-orders.js'
import type { AriTransport } from '../../../src/telephony/transport/ari-transport.js'

t.test('each look whether a tap has started is told before the PBX is asked', async t => {
  const done: string[] = []
  const unset = [{}, {}, {}]
  const request = async (_api: string, operation: string) => {
    done.push(operation)
    return operation === 'getChannelVar' ? (unset.shift() ?? { value: '0x1' }) : {}
  }
  const orders = createTapOrders('1.1' as ChannelId, () => ({ request }) as unknown as AriTransport)
  t.equal(await orders.start('/tap/1', () => done.push('look')), 'started')
  const look = ['look', 'getChannelVar']
  t.strictSame(done, ['getChannelVar', 'originate', ...look, ...look, ...look])
})

t.test('a channel that ends while a tap is started is not waited for', async t => {
  let looks = 0
  const request = async (_api: string, operation: string) => {
    if (operation === 'originate' || looks === 0) return {}
    throw new AppError('pbx.gone', 'no such channel', { endsCall: true })
  }
  const orders = createTapOrders('1.1' as ChannelId, () => ({ request }) as unknown as AriTransport)
  t.equal(await orders.start('/tap/1', () => void looks++), 'no-channel')
  t.equal(looks, 1)
})
