import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { Pbx } from '../../../lab/pbx.js'
import { LOOPBACK, labPort } from '../../../lab/ports.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { BRIDGE_EVENTS } from '../../../src/asterisk/bridge-watch.js'
import { askAri } from './ask-ari.js'

/** Longest time until the PBX lets a reader in, or has ended it, ms. */
const PBX_LIMIT_MS = 10_000
/** The application of a reader. */
const APP = 'bench-reader'
/** What the service hears by its first application, and a reader of all would have to hear by this one. */
const CHANNEL_EVENTS = ['ChannelHold', 'ChannelUnhold', 'Dial']
/** By these names Asterisk ends what `subscribeAll` has subscribed. */
const ALL = [
  'channel:__AST_CHANNEL_ALL_TOPIC',
  'bridge:__AST_BRIDGE_ALL_TOPIC',
  'endpoint:__AST_ENDPOINT_ALL_TOPIC',
  'deviceState:__AST_DEVICE_STATE_ALL_TOPIC',
]
/** The same events by AMI. All are of the class `call`. A parked call is in a bridge of type `parking`. */
const AMI_EVENTS = [
  ...['BridgeEnter', 'BridgeLeave', 'BridgeDestroy', 'BlindTransfer', 'AttendedTransfer'],
  ...['Hold', 'Unhold', 'DialState'],
]
/** Ends a message of AMI. */
const AMI_END = '\r\n\r\n'

/** Counts what the PBX reports, and does nothing with it. */
export interface Reader {
  events: number
  bytes: number
  /** May be called when no call goes on. Resolves when the PBX has nothing left of the reader. */
  stop(): Promise<void>
}

/**
 * Reads by an ARI application of its own.
 *
 * @param all whether it hears of everything, by `subscribeAll`, and not only of bridges. Asterisk 22.10 can deadlock when such a socket closes: it
 *   ends the subscription to device states while it holds the socket. So the reader ends all subscriptions first.
 */
export async function readAri(pbx: Pbx, all: boolean): Promise<Reader> {
  const { url, username, password } = pbx.ari
  const query = `app=${APP}&api_key=${username}:${password}${all ? '&subscribeAll=true' : ''}`
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ari/events?${query}`, {
    perMessageDeflate: false,
  })
  const reader: Reader = {
    ...{ events: 0, bytes: 0 },
    async stop() {
      for (const source of ALL) await askAri(pbx, 'DELETE', `${APP}/subscription?eventSource=${source}`)
      socket.close()
      const isGone = async () => (await askAri(pbx, 'GET', APP)) === undefined
      if (!(await pollUntil(isGone, PBX_LIMIT_MS)))
        throw new Error('the PBX keeps the application of a reader')
    },
  }
  socket.on('message', message => {
    reader.events += 1
    reader.bytes += (message as Buffer).length
  })
  await once(socket, 'open')
  const allowed = [...BRIDGE_EVENTS, ...(all ? CHANNEL_EVENTS : [])].map(type => ({ type }))
  const filtered = await askAri(pbx, 'PUT', `${APP}/eventFilter`, { allowed })
  const subscribed = all || (await askAri(pbx, 'POST', `${APP}/subscription?eventSource=bridge:`))
  if (!filtered || !subscribed) throw new Error('the PBX does not subscribe a reader')
  return reader
}

/**
 * Switches AMI on, with a user for each kind of reader. It stays on.
 *
 * @returns opens a connection. `filtered`: Asterisk sends only the events that are needed, not the whole class `call`
 */
export async function enableAmi(pbx: Pbx): Promise<(filtered: boolean) => Promise<Reader>> {
  const [port, secret] = [await labPort('tcp'), randomBytes(18).toString('base64url')]
  const user = (name: string, ...more: string[]) => [
    `[${name}]`,
    `secret = ${secret}`,
    'read = call',
    ...more,
  ]
  const lines = [
    ...['[general]', 'enabled = yes', `bindaddr = ${LOOPBACK}`, `port = ${port}`],
    ...user('whole'),
    ...user('filtered', ...AMI_EVENTS.map(name => `eventfilter(name(${name})) =`)),
  ]
  await writeFile(join(pbx.dir, 'etc', 'manager.conf'), `${lines.join('\n')}\n`)
  await pbx.cli('manager reload')
  return filtered => readAmi(port, filtered ? 'filtered' : 'whole', secret)
}

async function readAmi(port: number, user: string, secret: string): Promise<Reader> {
  const socket = connect(port, LOOPBACK).setEncoding('latin1')
  const reader: Reader = {
    ...{ events: 0, bytes: 0 },
    async stop() {
      socket.end(`Action: Logoff${AMI_END}`)
      await once(socket, 'close')
    },
  }
  await once(socket, 'connect')
  /** What AMI says to the login. All that follows are events. */
  const answers: string[] = []
  let rest = ''
  socket.on('data', (piece: string) => {
    const messages = (rest + piece).split(AMI_END)
    rest = messages.pop()!
    if (answers.length === 0) answers.push(...messages.splice(0, 1))
    reader.events += messages.length
    reader.bytes += piece.length
  })
  socket.write(['Action: Login', `Username: ${user}`, `Secret: ${secret}`].join('\r\n') + AMI_END)
  await pollUntil(async () => answers.length > 0, PBX_LIMIT_MS)
  if (!answers[0]?.includes('Response: Success')) throw new Error('AMI does not let a reader in')
  reader.bytes = 0
  return reader
}
