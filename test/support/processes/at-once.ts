import { type Database, type Db, sql } from '../../../src/db/database.js'
import { until } from './database.js'

/** The same parts, whose transactions go on only once `meanwhile` is done when they have entered an event. */
export function duringEntry<Deps extends { db: Database }>(
  deps: Deps,
  meanwhile: () => Promise<unknown>,
): Deps {
  const entering = new WeakSet<object>()
  const plugin: Parameters<Database['withPlugin']>[0] = {
    transformQuery({ node, queryId }) {
      if (node.kind === 'RawNode' && JSON.stringify(node).includes('insert into event '))
        entering.add(queryId)
      return node
    },
    async transformResult({ result, queryId }) {
      if (entering.delete(queryId)) await meanwhile()
      return result
    },
  }
  return { ...deps, db: deps.db.withPlugin(plugin) as Database }
}

/** Waits until so many transactions of this database wait for others. */
export const waiting = (db: Db, count: number): Promise<void> =>
  until(async () => {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::int as waiting from pg_locks l join pg_stat_activity a using (pid)
      where not l.granted and a.datname = current_database()`.execute(db)
    return rows[0]!.waiting >= count
  })
