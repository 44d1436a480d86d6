import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { LOOPBACK } from '../../process/reserve-port.js'

/**
 * Proves that this process takes packets: it sends one to itself for each proof.
 *
 * @param onProof gets the number that was asked for, when its packet has come in
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
