import fc from 'fast-check'
import { mutate, mutations } from './mutations.js'

const METHODS = [
  'INVITE',
  'OPTIONS',
  'REGISTER',
  'BYE',
  'CANCEL',
  'ACK',
  'SUBSCRIBE',
  'REFER',
  'NOTIFY',
  'X'.repeat(300),
]
const HOSTS = ['127.0.0.1', '127.0.0.1:99999', '[::1', 'a'.repeat(2_000), '', '%00', '-']
const ODD = [
  '',
  '0',
  '-1',
  '4294967296',
  '\t',
  '"',
  '<sip:',
  'sip:;;;lr',
  ';tag=',
  '\u00ff'.repeat(20),
  `${'('.repeat(400)}`,
]

/** Requests that no phone sends, in the manner of RFC 4475. They dial no line of the lab. */
const sipRequests = fc
  .record({
    method: fc.constantFrom(...METHODS),
    host: fc.constantFrom(...HOSTS),
    odd: fc.constantFrom(...ODD),
    where: fc.constantFrom(
      'via',
      'from',
      'to',
      'cseq',
      'call-id',
      'contact',
      'content-length',
      'max-forwards',
    ),
    body: fc.constantFrom(
      '',
      'v=0',
      'v=0\r\no=- 0 0 IN IP4 999.9.9.9\r\nm=audio 99999 RTP/AVP 300\r\n',
      '\0'.repeat(200),
    ),
    twice: fc.boolean(),
  })
  .map(({ method, host, odd, where, body, twice }) => {
    const headers: Record<string, string> = {
      via: 'SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx',
      from: '<sip:nobody@127.0.0.1>;tag=1',
      to: '<sip:nobody@127.0.0.1>',
      'call-id': `fuzz-${method.length}-${odd.length}@127.0.0.1`,
      cseq: `1 ${method}`,
      contact: '<sip:nobody@127.0.0.1:9>',
      'max-forwards': '70',
      'content-length': String(body.length),
    }
    headers[where] = odd
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const all = [`${method} sip:nobody@${host} SIP/2.0`, ...lines, ...(twice ? lines : []), '', body]
    return Buffer.from(all.join('\r\n'), 'latin1')
  })

export const oddRequests = fc.oneof(
  sipRequests,
  fc.tuple(sipRequests, mutations).map(([bytes, changes]) => mutate(bytes, changes).subarray(0, 60_000)),
)

/** Packets for an RTP port: audio of strangers, keys, and anything else. */
export const oddPackets = fc
  .record({
    first: fc.constantFrom(0x80, 0x90, 0xa0, 0x8f, 0x00, 0xff),
    type: fc.constantFrom(8, 0, 101, 0xe5, 13, 72, 200, 255),
    rest: fc.uint8Array({ minLength: 0, maxLength: 180 }),
    cut: fc.boolean(),
  })
  .map(({ first, type, rest, cut }) => (cut ? Buffer.of(first) : Buffer.from([first, type, ...rest])))
