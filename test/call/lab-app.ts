import { once } from 'node:events'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { basename, dirname } from 'node:path'
import type { Pbx } from '../../lab/pbx.js'
import { pollUntil } from '../../lab/process/start-process.js'

/** A channel as ARI shows it. */
export interface AriChannel {
  id: string
  dialplan: { context: string; exten: string; app_name: string; app_data: string }
}

/** The id of a call, as the service gives it. */
export const CALL = '6f9619ff-8b86-4d01-b42d-00c04fc964ff'
/** How long a channel may take to come, ms. */
const LIMIT = 60_000

/** In place of the service: an ARI application that does by REST what a test says, and hears no events. */
export class LabApp {
  private constructor(
    private readonly pbx: Pbx,
    private readonly socket: Socket,
  ) {}

  /** Registers the application by opening its WebSocket (RFC 6455), of which nothing is read. */
  static async open(pbx: Pbx): Promise<LabApp> {
    const { url, username, password, app } = pbx.ari
    const upgrade = request(`${url}/ari/events?app=${app}&api_key=${username}:${password}`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from('sixteen bytes 16').toString('base64'),
      },
    })
    upgrade.end()
    const [, socket] = (await once(upgrade, 'upgrade')) as [unknown, Socket]
    socket.resume()
    return new LabApp(pbx, socket)
  }

  /** Waits until a channel is in the application with this number; see consentry.conf. */
  async arrival(number: string): Promise<AriChannel> {
    let found: AriChannel | undefined
    await pollUntil(async () => {
      const channels = (await this.rest('GET', 'channels')) as AriChannel[]
      found = channels.find(
        ({ dialplan }) =>
          dialplan.app_name === 'Stasis' && dialplan.app_data === `${this.pbx.ari.app},${number}`,
      )
      return found !== undefined
    }, LIMIT)
    if (!found) throw new Error(`no channel came in with ${number}`)
    return found
  }

  async variable(channel: string, name: string): Promise<string> {
    return ((await this.rest('GET', `channels/${channel}/variable?variable=${name}`)) as { value: string })
      .value
  }

  /**
   * Sends the channel back to the dialplan as the service does: decided, with or without a tap; or as it came.
   *
   * @param tap path prefix of the pipes
   */
  async release(channel: string, decision?: string, tap?: string): Promise<void> {
    const extension = [decision, CALL, ...(tap ? [basename(tap)] : [])].join('_')
    const to = decision
      ? `?${new URLSearchParams({ context: 'consentry-decided', extension, priority: '1' })}`
      : ''
    if (tap) {
      const dir = { variable: `CONSENTRY_TAP_DIR_${this.pbx.ari.app}`, value: dirname(tap) }
      await this.rest('POST', `asterisk/variable?${new URLSearchParams(dir)}`)
    }
    await this.rest('POST', `channels/${channel}/continue${to}`)
  }

  async setVariable(channel: string, variable: string, value: string): Promise<void> {
    await this.rest('POST', `channels/${channel}/variable?${new URLSearchParams({ variable, value })}`)
  }

  async rest(method: string, path: string): Promise<unknown> {
    const { url, username, password } = this.pbx.ari
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
    const answer = await fetch(`${url}/ari/${path}`, { method, headers: { authorization } })
    const body = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${body}`)
    return body ? JSON.parse(body) : undefined
  }

  close(): void {
    this.socket.destroy()
  }
}
