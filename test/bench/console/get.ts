import { once } from 'node:events'
import { Agent, request } from 'node:http'

/** An answer, as it came over the wire. */
export interface Got {
  status: number
  /** From sending the request to the answer's last byte, ms. */
  ms: number
  body: Buffer
  /** How the body is compressed; undefined if it is not. */
  encoding: string | undefined
}

const agents = new Map<string, Agent>()

/** Connections stay open, one for each local address, as in browsers. */
function agentFrom(localAddress: string): Agent {
  const known = agents.get(localAddress)
  if (known) return known
  const made = new Agent({ keepAlive: true, localAddress })
  agents.set(localAddress, made)
  return made
}

/** Gets an address as a browser does. @param from local address, such as `127.0.0.1` */
export async function get(
  address: string,
  headers: Record<string, string> = {},
  from = '127.0.0.1',
): Promise<Got> {
  const started = performance.now()
  const sent = request(address, {
    agent: agentFrom(from),
    headers: {
      'accept-encoding': 'gzip, deflate, br',
      accept: 'text/html',
      'accept-language': 'ru',
      ...headers,
    },
  }).end()
  const [answer] = await once(sent, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return {
    status: answer.statusCode,
    ms: performance.now() - started,
    body: Buffer.concat(chunks),
    encoding: answer.headers['content-encoding'],
  }
}
