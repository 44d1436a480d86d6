import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { WebSocketServer } from 'ws'
import { LOOPBACK } from '../../../lab/ports.js'

type Result = { text: string; conf?: number[] } | object

/** What the server hears: the words of each endpoint within the samples, and of the rest. */
export interface VoskScript {
  /** Result after so many bytes of samples. */
  endpoints?: { bytes: number; text: string }[]
  /** Result of the end. */
  final: Result | ((samples: Int16Array) => Result)
  /** What it does wrong. */
  fault?: 'silent' | 'closes' | 'garbage' | 'closes-before-last'
}

/**
 * A server that speaks the protocol of the Vosk server to the letter, and has no model: a message with `config` has no answer, and any
 * other one has exactly one. Bytes are answered by a partial result, or a result at an endpoint. The exact text `{"eof" : 1}` is answered by the
 * last result, and the server closes.
 */
export async function startVoskServer(t: Test, script: VoskScript) {
  const server = new WebSocketServer({ host: LOOPBACK, port: 0 })
  await once(server, 'listening')
  t.teardown(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  /** For each connection the configuration, the number of samples, and whether the end was said. */
  const heard: { config: unknown; bytes: Buffer; eof: boolean }[] = []
  const state = { script }
  server.on('connection', socket => {
    const one = { config: undefined as unknown, bytes: Buffer.alloc(0), eof: false }
    heard.push(one)
    let endpoints = 0
    socket.on('message', (data: Buffer, isBinary) => {
      const { final, endpoints: ends = [], fault } = state.script
      if (fault === 'silent') return
      if (fault === 'closes') return socket.close()
      const text = isBinary ? '' : data.toString()
      if (text.includes('config')) {
        one.config = JSON.parse(text)
        return
      }
      if (fault === 'garbage') return socket.send('<html>')
      if (text === '{"eof" : 1}') {
        one.eof = true
        if (fault !== 'closes-before-last')
          socket.send(
            JSON.stringify(resultOf(typeof final === 'function' ? final(samplesOf(one.bytes)) : final)),
          )
        return socket.close()
      }
      one.bytes = Buffer.concat([one.bytes, data])
      const end = ends[endpoints]
      if (end && one.bytes.length >= end.bytes) {
        endpoints += 1
        return socket.send(JSON.stringify(resultOf({ text: end.text, conf: [1] })))
      }
      socket.send(JSON.stringify({ partial: one.bytes.length > 1_600 ? 'да' : '' }))
    })
  })
  const { port } = server.address() as AddressInfo
  return { url: `ws://${LOOPBACK}:${port}`, heard, state }
}

const samplesOf = (bytes: Buffer) =>
  new Int16Array(Uint8Array.from(bytes).buffer, 0, Math.floor(bytes.length / 2))

/** A result as Kaldi gives it: with words if it has confidences. */
function resultOf(result: Result): object {
  const { text, conf } = result as { text?: string; conf?: number[] }
  if (text === undefined || conf === undefined) return result
  const words = text.split(' ').filter(word => word !== '')
  return {
    ...(words.length > 0
      ? { result: words.map((word, i) => ({ conf: conf[i] ?? 1, start: i, end: i + 1, word })) }
      : {}),
    text,
  }
}
