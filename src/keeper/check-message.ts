import { type FromService, ProtocolError } from './protocol.js'

type Check = (value: unknown) => boolean

const count: Check = value => Number.isSafeInteger(value) && (value as number) >= 0
const text: Check = value => typeof value === 'string' && value.length <= 4096
const offsets: Check = value => Array.isArray(value) && value.length === 2 && value.every(count)
const access: Check = value =>
  typeof value === 'object' &&
  value !== null &&
  ['url', 'username', 'password', 'app'].every(name => text((value as Record<string, unknown>)[name]))

const fields: { [T in FromService['t']]: Record<string, Check> } = {
  hello: { version: count, ari: access },
  take: { request: count, tag: text },
  reopen: { request: count, prefix: text, tag: text, base: count },
  want: { pair: count, from: offsets },
  gone: { pair: count },
  pong: {},
  'rescued-noted': { upTo: count },
  stop: {},
}

/** Lets a message pass only if every field has its type. @throws ProtocolError */
export function checkMessage(message: { t: string }): FromService {
  const checks = Object.hasOwn(fields, message.t) ? fields[message.t as FromService['t']] : undefined
  if (!checks) throw new ProtocolError('unknown message')
  for (const [name, check] of Object.entries(checks)) {
    if (!check((message as Record<string, unknown>)[name])) {
      throw new ProtocolError(`${message.t}: ${name} is wrong`)
    }
  }
  return message as FromService
}
