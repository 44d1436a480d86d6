import { isIP } from 'node:net'

/**
 * Checks an address of ARI. ARI's password goes over the network with each request, and so do orders for calls. So
 * another host must be reached by HTTPS, unless the administrator declares the network trusted.
 *
 * @param url `http://host:port` or `https://host:port`
 * @returns undefined if the address is acceptable
 */
export function ariNetworkFault(url: string, network: 'untrusted' | 'trusted'): string | undefined {
  const { protocol, hostname } = new URL(url)
  if (protocol === 'https:' || network === 'trusted' || isThisHost(hostname.replace(/^\[|\]$/g, '')))
    return undefined
  return 'ARI_URL: another host than this one is reached in clear: give https://…, or set CONSENTRY_ARI_NETWORK=trusted if nobody else is on that network'
}

/** True if a host, as in a URL without brackets, is this machine. */
export const isThisHost = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
