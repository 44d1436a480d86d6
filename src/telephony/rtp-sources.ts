import type { RtpStream } from '../call/ports.js'
import { codeOf } from '../shared/errors.js'
import type { ChannelId } from '../shared/ids.js'
import type { AriTransport } from './transport/ari-transport.js'

/** Most channels of one request: Asterisk takes 4 KB of an address, and a channel takes some 60 characters. */
const MOST_CHANNELS = 20
/** Ids that may stand in a function of the dialplan. */
const SAFE_CHANNEL = /^[0-9A-Za-z._-]{1,100}$/
/** How often a request is sent over another channel because the one before has ended. */
const TRIES = 3

/**
 * Asks the PBX what RTP it receives on channels of PJSIP. One request asks for many of them: ARI's `rtp_statistics` of each would take ten
 * times the processor time. A channel that has no RTP, or has ended, is not in the answer.
 *
 * @throws AppError `pbx.*`
 */
export async function readRtpStreams(
  ari: AriTransport,
  channels: readonly ChannelId[],
): Promise<ReadonlyMap<ChannelId, RtpStream>> {
  const safe = channels.filter(channel => SAFE_CHANNEL.test(channel))
  const streams = new Map<ChannelId, RtpStream>()
  for (let i = 0; i < safe.length; i += MOST_CHANNELS) {
    const some = safe.slice(i, i + MOST_CHANNELS)
    const answers = (await ask(ari, some)).split('|')
    for (const [index, channel] of some.entries()) {
      const stream = readStream(answers[index] ?? '')
      if (stream) streams.set(channel, stream)
    }
  }
  return streams
}

/** @returns for each channel what `CHANNEL(rtcp,all)` says, joined by `|` */
async function ask(ari: AriTransport, channels: readonly ChannelId[]): Promise<string> {
  const values = channels.map(channel => `\${IMPORT(${channel},CHANNEL(rtcp,all))}`)
  const variable = `EVAL(${values.join('|')})`
  for (let tries = 1; ; tries++)
    try {
      const channelId = channels[tries - 1]
      const answer = await ari.request('channels', 'getChannelVar', { channelId, variable })
      return String((answer as { value?: unknown } | undefined)?.value ?? '')
    } catch (error) {
      if (codeOf(error) !== 'pbx.gone' || tries === Math.min(TRIES, channels.length)) throw error
    }
}

/** Reads `ssrc=1;themssrc=2;lp=0;rxjitter=0.0;rxcount=3;…`. */
function readStream(text: string): RtpStream | undefined {
  const [, source] = /(?:^|;)themssrc=(\d+)/.exec(text) ?? []
  const [, lost = 0] = /(?:^|;)lp=(\d+)/.exec(text) ?? []
  return Number(source) ? { source: Number(source), lost: Number(lost) } : undefined
}
