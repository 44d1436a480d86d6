import { type LookupAddress, type LookupOptions, lookup as resolveHost } from 'node:dns'
import http, { type IncomingHttpHeaders } from 'node:http'
import https from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/*
 * Requests from this machine to others. The other side may be broken or hostile. Its answer is limited in bytes and
 * time, it cannot redirect the request, and its name must not resolve to an address of this network unless a setting
 * allows it.
 */

/** Addresses of this machine and of networks that are not public (IANA special-purpose registries). */
const INSIDE = new BlockList()
for (const [address, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
  ] as const),
  ...([
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
] as const)
  INSIDE.addSubnet(address, bits, 'ipv4')
for (const [address, bits] of [
  ...([
    ['::', 127],
    ['64:ff9b:1::', 48],
    ['fc00::', 7],
    ['fe80::', 10],
    ['ff00::', 8],
  ] as const),
] as const)
  INSIDE.addSubnet(address, bits, 'ipv6')

/** Whether an IP address is one of this machine, or of a network that is not public. */
export const isInside = (address: string): boolean =>
  INSIDE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/**
 * Hosts whose names may resolve to addresses inside. `any`: the host of the setting is usually inside, such as the PBX.
 */
export type InsideHosts = 'any' | readonly string[]

/**
 * Whether a setting allows this host to be inside: it is an IP address, `localhost`, a name without a dot, or in the
 * list.
 *
 * @param hostname of a URL
 */
export const isNamedInside = (hostname: string, inside: InsideHosts): boolean =>
  inside === 'any' ||
  !hostname.includes('.') ||
  isIP(hostname) !== 0 ||
  inside.includes(hostname.toLowerCase())

/**
 * Resolves a host for a connection, and refuses addresses inside unless a setting allows them, see `isNamedInside`.
 *
 * @param find asks the system for the addresses of a name
 */
export function guardedLookup(inside: InsideHosts, find = resolveHost): LookupFunction {
  return (hostname, options, callback) => {
    const taken = (error: Error | null, found: string | LookupAddress[], family?: number): void => {
      const all = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address)
      const refused = !error && !isNamedInside(hostname, inside) && all.some(isInside)
      const why = `${hostname} leads into this network: if it is meant to, name it in CONSENTRY_INSIDE_HOSTS`
      callback(refused ? new Error(why) : error, found as string, family)
    }
    find(hostname, options as LookupOptions, taken as never)
  }
}

/** One request. */
export interface Outgoing {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** Longest time from the request to the last byte of the answer, ms. */
  ms: number
  /** Maximum size of the answer's body, bytes. */
  mostBytes: number
  inside: InsideHosts
  /** Ends the request early. */
  signal?: AbortSignal
}

/** A complete answer. */
export interface Answered {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/**
 * Sends a request and reads its answer. A redirection is an error and is not followed.
 *
 * @throws Error if the answer is too long, too late or a redirection, or if the host is inside; the system's errors
 */
export async function requestOutgoing(url: string | URL, outgoing: Outgoing): Promise<Answered> {
  const { method = 'GET', headers = {}, body, ms, mostBytes, inside } = outgoing
  const late = AbortSignal.timeout(ms)
  const signal = outgoing.signal ? AbortSignal.any([late, outgoing.signal]) : late
  const address = new URL(url)
  const { request } = address.protocol === 'https:' ? https : http
  try {
    return await new Promise<Answered>((resolve, reject) => {
      // Uses a connection of its own, so that none is left open.
      const options = { method, agent: false, signal, lookup: guardedLookup(inside) } as const
      const sent = request(
        address,
        { ...options, headers: { ...headers, 'accept-encoding': 'identity' } },
        answer => {
          const status = answer.statusCode!
          if (status >= 300 && status < 400 && answer.headers.location !== undefined) {
            answer.destroy()
            return reject(
              new Error(`the server sends the request elsewhere (status ${status}), which is not followed`),
            )
          }
          readBody(answer, mostBytes).then(
            read => resolve({ status, headers: answer.headers, body: read }),
            reject,
          )
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  } catch (error) {
    if (late.aborted) throw new Error(`the server did not answer within ${ms / 1000} s`, { cause: error })
    throw error
  }
}

/**
 * Reads the body of an answer.
 *
 * @throws Error if it has more bytes; nothing more is read of it then
 */
export async function readBody(
  answer: AsyncIterable<Uint8Array> & { destroy(): unknown },
  mostBytes: number,
): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer) {
    bytes += part.length
    if (bytes > mostBytes) {
      answer.destroy()
      throw new Error(`the answer is too long: it has more than ${mostBytes} bytes`)
    }
    parts.push(part)
  }
  return Buffer.concat(parts)
}
