import type { Socket } from 'node:net'

/** Resolves when a socket is closed, or is so already. A reset is one way of that; `once` of node:events would reject then. */
export const whenClosed = (socket: Socket): Promise<void> =>
  new Promise(resolve => (socket.closed ? resolve() : void socket.once('close', () => resolve())))
