import type { Config } from '../config/config.js'

/** The console's default address. The service's setting may be unset because another unit runs the console. */
const USUAL_ADDRESS = { host: '127.0.0.1', port: 8081 }
/** Addresses that `localhost` stands for. Browsers make passkeys for names only (WebAuthn level 3 section 5.1.2). */
const LOCAL = ['127.0.0.1', '::1']

/**
 * The origin of links to the console: the configured one, else its listening address, as `localhost` on this machine.
 */
export function originOfLinks({
  console,
  consoleOrigin,
  consoleTls,
}: Pick<Config, 'console' | 'consoleOrigin' | 'consoleTls'>): string {
  const { host, port } = console ?? USUAL_ADDRESS
  const named = LOCAL.includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return consoleOrigin ?? `${consoleTls ? 'https' : 'http'}://${named}:${port}`
}
