import type { Db } from '../../../src/db/database.js'

/** Connections of a pool. */
const CONNECTIONS = 5

/** Takes all connections of a pool, so that who wants one gets none in time. @returns gives them back */
export async function takeConnections(db: Db): Promise<() => Promise<void>> {
  let release = () => {}
  const released = new Promise<void>(resolve => {
    release = resolve
  })
  const held: Promise<void>[] = []
  const take = () =>
    new Promise<void>((resolve, reject) => {
      const one = db.connection().execute(() => {
        resolve()
        return released
      })
      one.catch(reject)
      held.push(one)
    })
  await Promise.all(Array.from({ length: CONNECTIONS }, take))
  return async () => {
    release()
    await Promise.all(held)
  }
}
