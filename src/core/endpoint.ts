/** The end of a channel's name after the endpoint: its number, and for a `Local` channel the half. */
const NUMBER = /-[0-9a-fx]+(;[12])?$/i

/** The endpoint of a channel, by the channel's name: of `PJSIP/anna-0000002a` it is `PJSIP/anna`. */
export const endpointOf = (channelName: string): string => channelName.replace(NUMBER, '')

/** True if a channel of this name is one half of a `Local` channel. Such a channel only passes audio on. */
export const isLocal = ({ name }: { readonly name: string }): boolean => name.startsWith('Local/')

/** The name of the other half of a `Local` channel; undefined for any other channel. */
export function otherHalf(name: string): string | undefined {
  if (!name.startsWith('Local/')) return undefined
  const [, local, half] = /^(Local\/.+;)([12])$/.exec(name) ?? []
  return local && `${local}${half === '1' ? 2 : 1}`
}
