import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { LOOPBACK } from '../../lib/process/reserve-port.js'

/**
 * Proves that this process receives packets: each proof sends one to this process itself.
 *
 * @param onProof gets the number of the proof when its packet has come in
 */
export async function startSelfCheck(
  onProof: (count: number) => void,
): Promise<{ prove(count: number): void }> {
  const socket: Socket = createSocket('udp4')
  socket.on('error', () => {})
  socket.bind(0, LOOPBACK)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.on('message', (datagram, from) => {
    if (from.port === port && from.address === LOOPBACK && datagram.length === 6)
      onProof(datagram.readUIntBE(0, 6))
  })
  return {
    prove(count) {
      const datagram = Buffer.alloc(6)
      datagram.writeUIntBE(count, 0, 6)
      socket.send(datagram, port, LOOPBACK)
    },
  }
}
