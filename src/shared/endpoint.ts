/** What follows the endpoint in a channel's name: its number, and of a `Local` channel the half. */
const NUMBER = /-[0-9a-fx]+(;[12])?$/i

/** The endpoint of a channel, by the channel's name: of `PJSIP/anna-0000002a` it is `PJSIP/anna`. */
export const endpointOf = (channelName: string): string => channelName.replace(NUMBER, '')
