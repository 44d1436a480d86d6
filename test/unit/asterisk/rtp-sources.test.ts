// Real: the reading of RTP streams. Fake: ARI.
import t from 'tap'
import { readRtpStreams } from '../../../src/asterisk/ari-channel.js'
import type { AriTransport } from '../../../src/asterisk/transport/ari-transport.js'
import { AppError } from '../../../src/core/errors.js'
import type { ChannelId } from '../../../src/core/ids.js'

const ids = (...names: string[]) => names as ChannelId[]

const STATISTICS = { remote_ssrc: 77, rxploss: 5, rxcount: 250 }

/** @param most gets how many requests are under way */
function setUp(most: (underWay: number) => void = () => {}) {
  let underWay = 0
  const request = async (resource: string, operation: string, { channelId }: Record<string, string>) => {
    t.strictSame([resource, operation], ['channels', 'rtpstatistics'])
    most(++underWay)
    await new Promise(resolve => setImmediate(resolve))
    underWay--
    if (channelId === 'ended') throw new AppError('pbx.gone', 'no such channel')
    return channelId === 'silent' ? { ...STATISTICS, remote_ssrc: 0 } : STATISTICS
  }
  return { request } as unknown as AriTransport
}

t.test('each channel is asked, ten at a time', async t => {
  let most = 0
  const ari = setUp(underWay => {
    most = Math.max(most, underWay)
  })
  const streams = await readRtpStreams(ari, ids(...Array.from({ length: 41 }, (_, i) => `1.${i}`)))
  t.equal(streams.size, 41)
  t.strictSame(streams.get('1.7' as ChannelId), { source: 77, lost: 5 })
  t.equal(most, 10)
})

t.test('a channel without RTP, and one that has ended, is left out', async t => {
  const streams = await readRtpStreams(setUp(), ids('silent', 'ended', '1.2'))
  t.strictSame([...streams.keys()], ['1.2'])
  t.strictSame(await readRtpStreams(setUp(), []), new Map())
})
