import { endpointForJournal } from '../core/trial.js'

/**
 * A channel's name, of the kinds over which calls come in from outside: `PJSIP/carrier-0000002a`, `IAX2/carrier-123`, `DAHDI/i1/…`. The
 * first two name an endpoint of the PBX's configuration, the third a span. What follows may be a telephone number.
 */
const NAMES = [/^((?:PJSIP|SIP|IAX2)\/[\w.@-]{1,60})-[0-9a-f]+$/i, /^(DAHDI\/i?\d{1,3})[/-]/]

/**
 * The trunk over which a call came in, as the channel's name shows it. Telephone numbers in it are masked, because an endpoint may be
 * named by one.
 *
 * @returns undefined for a channel of another kind, such as `Local/…`
 */
export function trunkOf(channelName: string): string | undefined {
  for (const pattern of NAMES) {
    const [, trunk] = pattern.exec(channelName) ?? []
    if (trunk) return endpointForJournal(trunk)
  }
  return undefined
}
