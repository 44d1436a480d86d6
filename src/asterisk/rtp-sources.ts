import type { RtpStream } from '../call/ports.js'
import type { ChannelId } from '../core/ids.js'
import { fieldsOf } from './ari-events.js'
import type { AriTransport } from './transport/ari-transport.js'

/** Requests at a time. */
const AT_ONCE = 10

/**
 * Asks the PBX what RTP it receives on channels (ARI `rtp_statistics`). Channels without RTP and ended channels are
 * missing from the answer.
 *
 * `CHANNEL(rtcp,…)` gives the same, and must not be read by `IMPORT`, which would let one request ask for many
 * channels. `IMPORT` locks the channel, and the function waits for the thread of its SIP session, which may wait for
 * that lock. Asterisk would then accept no more calls.
 */
export async function readRtpStreams(
  ari: AriTransport,
  channels: readonly ChannelId[],
): Promise<ReadonlyMap<ChannelId, RtpStream>> {
  const streams = new Map<ChannelId, RtpStream>()
  for (let i = 0; i < channels.length; i += AT_ONCE)
    await Promise.all(
      channels.slice(i, i + AT_ONCE).map(async channelId => {
        const answer = await ari.request('channels', 'rtpstatistics', { channelId }).catch(() => undefined)
        const { remote_ssrc: source, rxploss: lost } = fieldsOf(answer)
        if (typeof source === 'number' && source > 0)
          streams.set(channelId, { source, lost: typeof lost === 'number' ? lost : 0 })
      }),
    )
  return streams
}
