import { defaultLimits, type Limits } from './limits.js'
import type { KeeperSettings } from './protocol.js'

/** Parses the settings of a keeper. @throws Error that names the wrong setting, but never its value */
export function parseSettings(text: string): KeeperSettings & { limits: Limits } {
  const value = JSON.parse(text) as Partial<KeeperSettings>
  const { tapDir, socket, ari, limits } = value
  for (const [name, path] of Object.entries({ tapDir, socket })) {
    if (typeof path !== 'string' || !path.startsWith('/')) throw new Error(`${name} is not an absolute path`)
  }
  for (const name of ['url', 'username', 'password', 'app'] as const) {
    if (typeof ari?.[name] !== 'string') throw new Error(`ari.${name} is missing`)
  }
  return { tapDir: tapDir!, socket: socket!, ari: ari!, limits: { ...defaultLimits, ...limits } }
}
