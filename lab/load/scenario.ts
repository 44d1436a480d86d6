/** The behaviour of every caller of a load. */
export interface LoadScript {
  /** From the call's answer to the key, ms. */
  keyAfterMs?: number | undefined
  /** Key sent by SIP INFO; none by default. SIPp needs root to send RFC 4733 events. */
  key?: string | undefined
  /** From the key (or the answer) to hanging up, ms. */
  holdMs: number
}

const crlf = (lines: string[]) => lines.join('\n')

const request = (method: string, cseq: number, extra: string[], body: string[] = []) =>
  crlf([
    `${method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0`,
    'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
    'From: <sip:7999[call_number]@[local_ip]:[local_port]>;tag=[pid]-[call_number]',
    `To: <sip:[service]@[remote_ip]:[remote_port]>${method === 'INVITE' ? '' : '[peer_tag_param]'}`,
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    'Contact: <sip:load@[local_ip]:[local_port]>',
    'Max-Forwards: 70',
    ...extra,
    'Content-Length: [len]',
    '',
    ...body,
    '',
  ])

const send = (text: string, retransmit: boolean) =>
  `<send${retransmit ? ' retrans="500"' : ''}><![CDATA[\n${text}\n]]></send>`

const pause = (ms: number) => `<pause milliseconds="${Math.round(ms)}"/>`

/**
 * A SIPp scenario: call, speak without pause, press a key if there is one, hang up.
 *
 * @param audio file of a-law samples, repeated until the call ends
 */
export function writeScenario(script: LoadScript, audio: string): string {
  const sdp = [
    'v=0',
    'o=load 1 1 IN IP4 [local_ip]',
    's=-',
    'c=IN IP4 [media_ip]',
    't=0 0',
    'm=audio [rtpstream_audio_port] RTP/AVP 8',
    'a=rtpmap:8 PCMA/8000',
    'a=ptime:20',
  ]
  const info = request(
    'INFO',
    2,
    ['Content-Type: application/dtmf-relay'],
    [`Signal=${script.key}`, 'Duration=120'],
  )
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<scenario name="consentry load">',
    send(request('INVITE', 1, ['Content-Type: application/sdp'], sdp), true),
    '<recv response="100" optional="true"/>',
    '<recv response="180" optional="true"/>',
    '<recv response="183" optional="true"/>',
    '<recv response="200" rtd="true"/>',
    send(request('ACK', 1, []), false),
    `<nop><action><exec rtp_stream="${audio},-1,8,PCMA/8000"/></action></nop>`,
    ...(script.key ? [pause(script.keyAfterMs ?? 0), send(info, true), '<recv response="200"/>'] : []),
    pause(script.holdMs),
    send(request('BYE', 3, []), true),
    '<recv response="200"/>',
    '</scenario>',
    '',
  ].join('\n')
}
