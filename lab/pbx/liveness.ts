import { createSocket } from 'node:dgram'
import { httpGet } from '../http-get.js'
import { LOOPBACK } from '../ports.js'

/** How long to wait for an answer, ms. */
const ANSWER_LIMIT_MS = 500

/** Whether ARI accepts this user. */
export async function ariAnswers(url: string, username: string, password: string): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const answer = await httpGet(`${url}/ari/asterisk/info`, ANSWER_LIMIT_MS, { authorization })
  return answer?.status === 200
}

/** Whether a UDP port answers SIP `OPTIONS` with anything (RFC 3261 section 11). */
export function sipAnswers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createSocket('udp4')
    const done = (answered: boolean) => {
      clearTimeout(timer)
      socket.close()
      resolve(answered)
    }
    const timer = setTimeout(done, ANSWER_LIMIT_MS, false)
    socket.on('message', () => done(true))
    socket.on('error', () => done(false))
    socket.bind(0, LOOPBACK, () => {
      const own = `${LOOPBACK}:${socket.address().port}`
      const request = [
        `OPTIONS sip:ping@${LOOPBACK}:${port} SIP/2.0`,
        `Via: SIP/2.0/UDP ${own};branch=z9hG4bK${Date.now()}`,
        `From: <sip:ping@${own}>;tag=ping`,
        `To: <sip:ping@${LOOPBACK}:${port}>`,
        `Call-ID: ${Date.now()}@${own}`,
        'CSeq: 1 OPTIONS',
        'Max-Forwards: 1',
        'Content-Length: 0',
      ]
      socket.send(`${request.join('\r\n')}\r\n\r\n`, port, LOOPBACK)
    })
  })
}
