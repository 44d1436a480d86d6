import type { Socket } from 'node:net'

/** Resolves when a socket is closed. A reset is one way of that; `once` of node:events would reject then. */
export const whenClosed = (socket: Socket): Promise<void> =>
  new Promise(resolve => void socket.once('close', () => resolve()))
