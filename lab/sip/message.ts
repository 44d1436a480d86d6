/** A SIP message over UDP, RFC 3261 section 7, with the parts that a caller needs. */
export interface SipMessage {
  /** Request line or status line. */
  start: string
  /** In the message's order; names in lower case, long form. */
  headers: [name: string, value: string][]
  body: string
}

/** Long form of each short header name, RFC 3261 section 7.3.3. */
const LONG_NAMES: Record<string, string> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
}

/** Reads a datagram. Anything but a SIP message becomes a message without headers. */
export function parseSip(datagram: Buffer): SipMessage {
  const text = datagram.toString('utf8')
  const end = text.indexOf('\r\n\r\n')
  const [start = '', ...lines] = (end < 0 ? text : text.slice(0, end))
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    return [LONG_NAMES[name] ?? name, line.slice(colon + 1).trim()]
  })
  return { start, headers, body: end < 0 ? '' : text.slice(end + 4) }
}

export const formatSip = ({ start, headers, body }: SipMessage): Buffer =>
  Buffer.from(
    [
      start,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      `Content-Length: ${Buffer.byteLength(body)}`,
    ]
      .join('\r\n')
      .concat('\r\n\r\n', body),
  )

/** First header of a name (lower case). */
export const header = (message: SipMessage, name: string): string | undefined =>
  message.headers.find(([each]) => each === name)?.[1]

/** Status code of a response; 0 for a request. */
export const statusOf = (message: SipMessage): number =>
  Number(/^SIP\/2\.0 (\d{3})/.exec(message.start)?.[1] ?? 0)

/** Method of a request, or of the request that a response answers. */
export const methodOf = (message: SipMessage): string =>
  statusOf(message) > 0
    ? ((header(message, 'cseq') ?? '').split(' ')[1] ?? '')
    : (message.start.split(' ')[0] ?? '')

/** CSeq number of a request, or of the request that a response answers. */
export const sequenceOf = (message: SipMessage): number => Number.parseInt(header(message, 'cseq') ?? '', 10)
