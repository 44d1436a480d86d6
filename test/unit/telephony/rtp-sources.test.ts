// Real: the reading of RTP streams. Fake: ARI.
import t from 'tap'
import { AppError } from '../../../src/shared/errors.js'
import type { ChannelId } from '../../../src/shared/ids.js'
import { readRtpStreams } from '../../../src/telephony/rtp-sources.js'
import type { AriTransport } from '../../../src/telephony/transport/ari-transport.js'

const SAID = 'ssrc=1;themssrc=77;lp=5;rxjitter=0.0;rxcount=250;txcount=9'
const ids = (...names: string[]) => names as ChannelId[]

function setUp(answer: (channelId: string, variable: string) => string) {
  const asked: string[] = []
  const request = async (_resource: string, _operation: string, args: Record<string, string>) => {
    asked.push(args['channelId']!)
    return { value: answer(args['channelId']!, args['variable']!) }
  }
  return { ari: { request } as unknown as AriTransport, asked }
}

t.test('one request asks for many channels, and twenty are the most', async t => {
  const { ari, asked } = setUp((_, variable) =>
    variable
      .split('|')
      .map(() => SAID)
      .join('|'),
  )
  const all = Array.from({ length: 41 }, (_, i) => `1.${i}`)
  const streams = await readRtpStreams(ari, ids(...all))
  t.strictSame(asked, ['1.0', '1.20', '1.40'])
  t.equal(streams.size, 41)
  t.strictSame(streams.get('1.7' as ChannelId), { source: 77, lost: 5 })
})

t.test('a channel without RTP, and one whose id may not be in a command, is left out', async t => {
  const { ari } = setUp((_, variable) => {
    t.equal(variable, 'EVAL(${IMPORT(1.1,CHANNEL(rtcp,all))}|${IMPORT(1.2,CHANNEL(rtcp,all))})')
    return `|${SAID}`
  })
  const streams = await readRtpStreams(ari, ids('1.1', '1.2', '1}.3'))
  t.strictSame([...streams.keys()], ['1.2'])
})

t.test('another channel is asked where one has ended', async t => {
  const { ari, asked } = setUp(channel => {
    if (channel !== '1.3') throw new AppError('pbx.gone', 'no such channel')
    return `||${SAID}`
  })
  t.equal((await readRtpStreams(ari, ids('1.1', '1.2', '1.3'))).size, 1)
  t.strictSame(asked, ['1.1', '1.2', '1.3'])
  await t.rejects(readRtpStreams(ari, ids('1.1')), { code: 'pbx.gone' })
  t.strictSame(await readRtpStreams(ari, []), new Map())
})
