// Real: the ear. Fake: the PBX's answers.
import t from 'tap'
import { AppError } from '../../../src/shared/errors.js'
import type { ChannelId } from '../../../src/shared/ids.js'
import { createAriEar } from '../../../src/telephony/ari-ear.js'
import type { AriTransport } from '../../../src/telephony/transport/ari-transport.js'

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
  await createAriEar(channel, 'consentry', at, ari).open(source => sources.push(source))
  t.strictSame(sources, [{ address: '127.0.0.1', port: 12_000 }])
  t.equal(orders.filter(order => order === 'externalMedia').length, 4)
  t.equal(
    orders.filter(order => order === 'destroy').length,
    3,
    'what an attempt made is removed before the next',
  )
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
