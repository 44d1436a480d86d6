import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { keeperSocket } from '../../src/audio/tap/keeper-process.js'
import { backgroundTimers } from '../../src/core/clock.js'
import { controlFrame } from '../../src/keeper/protocol.js'
import { SocketFolder } from '../../src/keeper/socket-folder.js'
import { waitAtMost } from '../../src/lib/deadline.js'
import { pollUntil } from './start-process.js'

/** Longest time for a keeper to remove its pipes and end, ms. */
const END_LIMIT_MS = 3_000

export { keepersOf } from '../../src/audio/tap/keepers-of.js'

/**
 * Ends the keeper that a service left for its successor. Asks it over its socket, and kills it if it does not end.
 *
 * @param data the service's data folder, absolute
 * @param pids the keepers, found before the service ended: a keeper without pipes is not found later
 */
export async function endKeeper(data: string, pids: number[]): Promise<void> {
  await askToStop(data).catch(() => {})
  const alive = () => pids.filter(pid => existsSync(`/proc/${pid}`))
  if (await pollUntil(async () => alive().length === 0, END_LIMIT_MS)) return
  for (const pid of alive()) process.kill(pid, 'SIGKILL')
}

/** Resolves when the keeper has closed the connection, or after the limit. @throws the system's error if none listens */
async function askToStop(data: string): Promise<void> {
  const folder = await SocketFolder.open(keeperSocket(data), 'fail')
  const socket = connect(folder.socket)
  socket.on('error', () => {})
  socket.end(controlFrame({ t: 'stop' }))
  await waitAtMost(backgroundTimers, END_LIMIT_MS, once(socket, 'close'))
  socket.destroy()
  folder.close()
}
