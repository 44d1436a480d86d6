import { isThisHost } from '../../config/config.js'
import { type AsteriskProcess, findAsterisk } from '../../lib/host/asterisk-process.js'
import type { HostPaths } from '../../lib/host/processes.js'

/** The settings about the place of the PBX. */
export interface PbxPlace {
  ari: { url: string }
}

/** True if the PBX whose ARI the settings name runs on this machine. */
export const isPbxHere = ({ ari }: PbxPlace): boolean =>
  isThisHost(new URL(ari.url).hostname.replace(/^\[|\]$/g, ''))

/** Finds the process of the PBX whose ARI the settings name. */
export function processOf(host: HostPaths, settings: PbxPlace): AsteriskProcess | undefined {
  if (!isPbxHere(settings)) return undefined
  const { port, protocol } = new URL(settings.ari.url)
  return findAsterisk(host, Number(port) || (protocol === 'https:' ? 443 : 80))
}
