import { endpointOf, isLocal } from '../../core/endpoint.js'
import type { ShownChannel } from '../ports.js'

/** Prefix that marks a context instead of an endpoint. */
const CONTEXT = 'context:'

/**
 * Distinguishes the company's channels from others, by what the PBX shows of them. `CONSENTRY_PARTY` in the dialplan
 * wins over the names here, and an exclusion wins over the other names. If only exclusions are named, every other
 * endpoint is inside.
 *
 * @param named the company's phones as Asterisk dials them, such as `PJSIP/anna`; exclusions, such as `!PJSIP/carrier`;
 *   contexts of the dialplan, such as `context:from-internal`. A star stands for any characters
 * @returns whether a channel is inside; undefined if nothing is named and the dialplan does not state it either
 */
export function insideBy(named: readonly string[]): (channel: ShownChannel) => boolean | undefined {
  const isExcluded = matching(named.flatMap(one => (one.startsWith('!') ? one.slice(1) : [])))
  const contexts = named.flatMap(one => (one.startsWith(CONTEXT) ? one.slice(CONTEXT.length) : []))
  const endpoints = named.filter(one => !one.startsWith('!') && !one.startsWith(CONTEXT))
  const isEndpoint = matching(endpoints)
  const isContext = matching(contexts, '')
  const onlyExclusions = endpoints.length + contexts.length === 0
  return ({ name, context, party }) => {
    if (party) return party === 'inside'
    if (named.length === 0) return undefined
    const endpoint = endpointOf(name)
    if (isExcluded(endpoint)) return false
    // A `Local` channel is no endpoint: the channels behind it count.
    if (onlyExclusions) return endpoint !== '' && !isLocal({ name })
    return isEndpoint(endpoint) || (context !== undefined && isContext(context))
  }
}

/**
 * @param flags of the regular expression: Asterisk distinguishes upper and lower case in contexts, and not in names of
 *   technologies
 */
function matching(patterns: readonly string[], flags = 'i'): (text: string) => boolean {
  const all = patterns.map(one => new RegExp(`^${one.split('*').map(escapeForRegExp).join('.*')}$`, flags))
  return text => all.some(pattern => pattern.test(text))
}

const escapeForRegExp = (text: string): string => text.replace(/[.+^${}()|[\]\\/?]/g, '\\$&')
