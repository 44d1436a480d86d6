import type { Config } from '../config/config.js'
import { listenAddress } from '../lib/http/limited-server.js'
import { requestOutgoing } from '../lib/process/outgoing.js'

/** Longest wait for the service, ms. It answers from memory. */
const ANSWER_MS = 1_000
/** Most bytes of its answer. */
const MAX_BYTES = 65_536

/** Whether the service accepts and records calls, according to its report. */
export interface ServiceState {
  /** True if it answers at all. */
  running: boolean
  /** True for each working part, by its name in `/readyz`. Empty if the service does not answer. */
  parts: Readonly<Record<string, boolean>>
}

/** Asks the service on this host, at `/readyz`. Never fails. */
export async function serviceState({ http }: Pick<Config, 'http'>): Promise<ServiceState> {
  const { host, port } = listenAddress(http)
  const address = host.includes(':') ? `[${host}]` : host
  try {
    const limits = { ms: ANSWER_MS, mostBytes: MAX_BYTES, inside: 'any' as const }
    const { body } = await requestOutgoing(`http://${address}:${port}/readyz`, limits)
    const { parts } = JSON.parse(body.toString()) as { parts?: Record<string, boolean> }
    return { running: parts !== undefined, parts: parts ?? {} }
  } catch {
    return { running: false, parts: {} }
  }
}

/** The parts that do not work. */
export const faultsOf = ({ parts }: ServiceState): string[] =>
  Object.keys(parts).filter(name => parts[name] !== true)
