import type { ShownChannel } from '../call/ports.js'
import { endpointOf, isLocal } from '../shared/endpoint.js'

/** Begins the name of a context, in place of an endpoint. */
const CONTEXT = 'context:'

/**
 * Tells channels of the company from others, by what the PBX shows of them. What the dialplan says by `CONSENTRY_PARTY` wins over what is named,
 * and an exclusion over the rest. Where only exclusions are named, every other endpoint is inside.
 *
 * @param named the company's phones as Asterisk dials them, such as `PJSIP/anna`; those that are not, such as `!PJSIP/carrier`; contexts
 *   of the dialplan, such as `context:from-internal`. A star stands for any characters
 * @returns whether a channel is one of these; undefined if nothing is named and the dialplan does not say it either
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
    // A `Local` channel is no endpoint: those behind it count.
    if (onlyExclusions) return endpoint !== '' && !isLocal({ name })
    return isEndpoint(endpoint) || (context !== undefined && isContext(context))
  }
}

/** @param flags of the regular expression: Asterisk tells upper from lower case in contexts, and not in names of technologies */
function matching(patterns: readonly string[], flags = 'i'): (text: string) => boolean {
  const all = patterns.map(one => new RegExp(`^${one.split('*').map(escapeForRegExp).join('.*')}$`, flags))
  return text => all.some(pattern => pattern.test(text))
}

const escapeForRegExp = (text: string): string => text.replace(/[.+^${}()|[\]\\/?]/g, '\\$&')
