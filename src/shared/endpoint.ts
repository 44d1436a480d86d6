/** What follows the endpoint in a channel's name: its number, and of a `Local` channel the half. */
const NUMBER = /-[0-9a-fx]+(;[12])?$/i

/** The endpoint of a channel, by the channel's name: of `PJSIP/anna-0000002a` it is `PJSIP/anna`. */
export const endpointOf = (channelName: string): string => channelName.replace(NUMBER, '')

/** Whether a channel of this name is one half of a `Local` channel. It says nothing of its own: it passes on what those behind it say. */
export const isLocal = ({ name }: { readonly name: string }): boolean => name.startsWith('Local/')

/** The name of the other half of a `Local` channel; undefined for any other channel. */
export function otherHalf(name: string): string | undefined {
  if (!name.startsWith('Local/')) return undefined
  const [, local, half] = /^(Local\/.+;)([12])$/.exec(name) ?? []
  return local && `${local}${half === '1' ? 2 : 1}`
}
