import { type FromKeeper, type FromService, ProtocolError, SUFFIXES } from './protocol.js'

type Check = (value: unknown) => boolean

/** Most rescues in one message. */
const MAX_RESCUED = 10_000

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
const objectWith =
  (checks: Record<string, Check>): Check =>
  value =>
    Object.entries(checks).every(([name, check]) => check(fieldOf(value, name)))
const listOf =
  (check: Check, fits: (length: number) => boolean): Check =>
  value =>
    Array.isArray(value) && fits(value.length) && value.every(check)

const optional =
  (check: Check): Check =>
  value =>
    value === undefined || check(value)

const count: Check = value => Number.isSafeInteger(value) && (value as number) >= 0
/** A process id above 1, because a signal to a lower number would reach other processes. */
const pid: Check = value => count(value) && (value as number) > 1
const flag: Check = value => typeof value === 'boolean'
const text: Check = value => typeof value === 'string' && value.length <= 4096
/** An absolute path that is short enough for a suffix (4096 bytes in all). */
const path: Check = value =>
  text(value) && /^\/[^\0]*$/.test(value as string) && (value as string).length <= 4096 - SUFFIXES[0].length
/** As long as a UUID at most. */
const shortId: Check = value => text(value) && (value as string).length <= 36
const leg: Check = value => value === 0 || value === 1
const offsets = listOf(count, length => length === 2)
const httpUrl: Check = value =>
  text(value) && URL.canParse(value as string) && /^https?:$/.test(new URL(value as string).protocol)
const beat = objectWith({ variable: text, id: text })
const access = objectWith({ url: httpUrl, username: text, password: text, app: text, beat })
const heldLeg = objectWith({ acked: count, end: count, closed: flag })
const rescued = objectWith({
  channel: text,
  at: count,
  reason: value => value === 'service-frozen' || value === 'service-gone',
})

const fromService: { [T in FromService['t']]: Record<string, Check> } = {
  hello: { version: count, ari: access, service: shortId },
  take: { request: count, tag: text },
  reopen: { request: count, prefix: text, tag: text, base: count, acked: optional(offsets) },
  again: { request: count, pair: count },
  want: { pair: count, from: offsets },
  gone: { pair: count },
  pong: {},
  'rescued-noted': { upTo: count },
  stop: {},
}

const fromKeeper: { [T in FromKeeper['t']]: Record<string, Check> } = {
  hello: { version: count, keeper: text, pid, tapDir: text },
  held: { pair: count, prefix: path, tag: text, gone: flag, legs: listOf(heldLeg, length => length === 2) },
  'held-all': {},
  taken: { request: count, pair: count, prefix: path },
  refused: { request: count, reason: text },
  gap: { pair: count, leg, from: count, to: count },
  eof: { pair: count, leg, total: count },
  filling: { pair: count, bytes: count },
  ping: { held: count },
  rescued: { upTo: count, channels: listOf(rescued, length => length <= MAX_RESCUED) },
  replaced: {},
  note: { text },
}

/** Makes a function that accepts a message only if every field has the right type. */
const checker =
  <M extends { t: string }>(fields: Record<string, Record<string, Check>>) =>
  /** @throws ProtocolError */
  (message: { t: string }): M => {
    const checks = Object.hasOwn(fields, message.t) ? fields[message.t] : undefined
    if (!checks) throw new ProtocolError('unknown message')
    for (const [name, check] of Object.entries(checks)) {
      if (!check(fieldOf(message, name))) throw new ProtocolError(`${message.t}: ${name} is wrong`)
    }
    return message as M
  }

export const checkFromService = checker<FromService>(fromService)
export const checkFromKeeper = checker<FromKeeper>(fromKeeper)
