import { createSocket } from 'node:dgram'
import { connect, type NetConnectOpts } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { LOOPBACK } from '../../../../lab/ports.js'
import { keeperSocket } from '../../../../src/audio/tap/keeper-process.js'
import { controlFrame } from '../../../../src/keeper/protocol.js'
import type { Dice } from '../dice.js'
import type { FaultSite } from '../fault-site.js'
import { type Fault, nothingToHeal } from './fault.js'

/** How long a hostile socket stays open for responses, ms. */
const LINGER_MS = 100

const METHODS = ['INVITE', 'REGISTER', 'OPTIONS', 'BYE', 'ACK', 'CANCEL', 'INFO', 'NOSUCH']
const NUMBERS = ['501', '', '501;x=1', "501' or 1=1", '%00', '9'.repeat(300), '${SHELL(id)}', 'h']

/** A request that no phone sends: truncated, with a wrong length, with a hostile number, or not SIP at all. */
const hostileSip = (dice: Dice): Buffer => {
  if (dice.next() < 0.3) return dice.bytes(dice.within(1, 400))
  const [method, number] = [dice.pick(METHODS), dice.pick(NUMBERS)]
  const id = dice.within(1, 1e9)
  const text = [
    `${method} sip:${number}@${LOOPBACK} SIP/2.0`,
    `Via: SIP/2.0/UDP ${LOOPBACK}:9;branch=z9hG4bK${id}`,
    `From: <sip:${dice.pick(NUMBERS)}@${LOOPBACK}>;tag=${id}`,
    `To: <sip:${number}@${LOOPBACK}>`,
    `Call-ID: ${id}`,
    `CSeq: ${dice.within(-1, 9)} ${dice.pick(METHODS)}`,
    `Content-Length: ${dice.pick(['0', '-1', '99999', 'x'])}`,
    '',
    '',
  ].join('\r\n')
  return Buffer.from(text.slice(0, dice.next() < 0.3 ? dice.within(1, text.length) : undefined))
}

/** A datagram for a media port: too short, of an unknown version, with random content. */
const hostileRtp = (dice: Dice): Buffer => {
  const bytes = dice.bytes(dice.within(0, 200))
  // Half of them look like RTP version 2 of the callers' codec.
  if (bytes.length > 2 && dice.next() < 0.5) bytes.set([0x80, 8])
  return bytes
}

async function sendDatagrams(ports: number[], make: (dice: Dice) => Buffer, dice: Dice): Promise<void> {
  const socket = createSocket('udp4')
  socket.on('error', () => {})
  for (const port of ports) socket.send(make(dice), port, LOOPBACK)
  await pause(LINGER_MS)
  socket.close()
}

async function sendSip({ lab }: FaultSite, dice: Dice) {
  await sendDatagrams(
    Array.from({ length: 20 }, () => lab.pbx.sipPort),
    hostileSip,
    dice,
  )
  return nothingToHeal
}

async function sendRtp(_ground: FaultSite, dice: Dice) {
  await sendDatagrams(
    Array.from({ length: 300 }, () => dice.within(10_000, 29_999)),
    hostileRtp,
    dice,
  )
  return nothingToHeal
}

/** Sends bytes on a new connection, and closes it. */
async function sendOnConnection(to: NetConnectOpts, bytes: Buffer): Promise<void> {
  const socket = connect(to)
  socket.on('error', () => {})
  socket.write(bytes)
  await pause(LINGER_MS)
  socket.destroy()
}

const HTTP_REQUESTS = [
  'GET /../../etc/passwd HTTP/1.1\r\n\r\n',
  'POST /api HTTP/1.1\r\ncontent-length: 9e9\r\n\r\n',
  '\r\n\r\n',
]

async function sendHttp({ lab }: FaultSite, dice: Dice) {
  const { hostname, port } = new URL(lab.ready.http)
  const bytes = dice.next() < 0.5 ? dice.bytes(300) : Buffer.from(dice.pick(HTTP_REQUESTS))
  await sendOnConnection({ host: hostname, port: Number(port) }, bytes)
  return nothingToHeal
}

/** Only our own user reaches the socket, but even then an invalid message must not end the keeper. */
async function sendToKeeper({ lab }: FaultSite, dice: Dice) {
  const messages = [
    dice.bytes(dice.within(1, 300)),
    Buffer.alloc(64, 0xff),
    controlFrame({ t: 'gone', pair: 1 }),
    controlFrame({ t: 'hello' } as never).subarray(0, 7),
    controlFrame({ t: 'nosuch' } as never),
  ]
  await sendOnConnection({ path: keeperSocket(lab.ready.data) }, dice.pick(messages))
  return nothingToHeal
}

/** What strangers send. It may have no effect. */
export const junkFaults: Fault[] = (
  [
    { name: 'hostile SIP', target: 'sip', weight: 4, strike: sendSip },
    { name: 'hostile RTP', target: 'rtp', weight: 4, strike: sendRtp },
    { name: 'hostile HTTP', target: 'http', weight: 3, strike: sendHttp },
    { name: 'hostile keeper messages', target: 'keeper socket', weight: 3, strike: sendToKeeper },
  ] as const
).map(fault => ({ ...fault, lasts: [0, 0], harmless: true }))
