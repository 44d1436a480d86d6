// Real: the orders that start a tap. Fake: the PBX.
import t from 'tap'
import { createTapOrders } from '../../../src/asterisk/ari-tap-orders.js'
import type { AriTransport } from '../../../src/asterisk/transport/ari-transport.js'
import { AppError } from '../../../src/core/errors.js'
import type { ChannelId } from '../../../src/core/ids.js'

/** Asterisk answers alike if the variable of a tap is not set and if there is no channel. */
const absent = () => new AppError('pbx.gone', 'not found', { endsCall: true })

t.test('each look whether a tap has started is told before the PBX is asked', async t => {
  const done: string[] = []
  let unset = 3
  const request = async (_api: string, operation: string) => {
    done.push(operation)
    if (operation !== 'getChannelVar') return {}
    if (unset-- > 0) throw absent()
    return { value: '0x1' }
  }
  const orders = createTapOrders('1.1' as ChannelId, () => ({ request }) as unknown as AriTransport)
  t.equal(await orders.start('/tap/1', () => done.push('look')), 'started')
  const look = ['look', 'getChannelVar']
  t.strictSame(done, ['getChannelVar', 'originate', ...look, ...look, ...look])
})

t.test('a tap may start late; a channel that ends is not waited for', async t => {
  const after = { start: 100, end: Number.POSITIVE_INFINITY }
  let looks = 0
  const request = async (_api: string, operation: string) => {
    if (operation === 'originate') return {}
    if (operation === 'get' && looks < after.end) return { id: '1.1' }
    if (operation === 'getChannelVar' && looks >= after.start) return { value: '0x1' }
    throw absent()
  }
  const orders = createTapOrders('1.1' as ChannelId, () => ({ request }) as unknown as AriTransport)
  t.equal(await orders.start('/tap/1', () => void looks++), 'started')
  t.equal(looks, after.start)

  looks = 0
  Object.assign(after, { start: Number.POSITIVE_INFINITY, end: 2 })
  t.equal(await orders.start('/tap/1', () => void looks++), 'no-channel')
  t.ok(looks < 100, `${looks} looks`)
})
