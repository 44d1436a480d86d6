import { endpointOf } from '../shared/endpoint.js'

/**
 * Tells channels of the company from others, by their names.
 *
 * @param endpoints the company's phones as Asterisk dials them, such as `PJSIP/anna`; a star stands for any characters
 * @returns whether a channel of a name is one of these; undefined if no endpoints are given
 */
export function insideBy(endpoints: readonly string[]): (channelName: string) => boolean | undefined {
  if (endpoints.length === 0) return () => undefined
  const patterns = endpoints.map(
    one => new RegExp(`^${one.split('*').map(escapeForRegExp).join('.*')}$`, 'i'),
  )
  return channelName => {
    const endpoint = endpointOf(channelName)
    return patterns.some(pattern => pattern.test(endpoint))
  }
}

const escapeForRegExp = (text: string): string => text.replace(/[.+^${}()|[\]\\/?]/g, '\\$&')
