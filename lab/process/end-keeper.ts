import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { controlFrame } from '../../src/keeper/protocol.js'
import { SocketFolder } from '../../src/keeper/socket-folder.js'
import { keeperSocket } from '../../src/tap/keeper-process.js'
import { pollUntil } from './start-process.js'

/** What a keeper may take to remove its pipes and end, ms. */
const END_LIMIT_MS = 3_000

export { keepersOf } from '../../src/tap/keepers-of.js'

/**
 * Ends the keeper that a service left for its successor: asks it over its socket, and kills one that does not hear.
 *
 * @param data the service's data folder, absolute
 * @param pids the keepers, found while they were at work: one that is about to end has no pipe any more
 */
export async function endKeeper(data: string, pids: number[]): Promise<void> {
  await askToStop(data).catch(() => {})
  const alive = () => pids.filter(pid => existsSync(`/proc/${pid}`))
  if (await pollUntil(async () => alive().length === 0, END_LIMIT_MS)) return
  for (const pid of alive()) process.kill(pid, 'SIGKILL')
}

/** Resolves once the keeper has closed the connection, or after `LIMIT`. @throws the system's error if none listens */
async function askToStop(data: string): Promise<void> {
  const folder = SocketFolder.open(keeperSocket(data), 'fail')
  const socket = connect(folder.socket)
  socket.on('error', () => {})
  socket.end(controlFrame({ t: 'stop' }))
  await Promise.race([once(socket, 'close').catch(() => {}), sleep(END_LIMIT_MS, undefined, { ref: false })])
  socket.destroy()
  folder.close()
}
