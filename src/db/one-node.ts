import { AppError } from '../core/errors.js'
import type { NodeId } from '../core/ids.js'
import { holderOf } from './session-lock.js'

/** One query on the connection that holds the lock of this node's id. */
export type Query = <Row>(text: string, values?: unknown[]) => Promise<Row[]>

/** The data that a node registers when it starts. */
export interface Starting {
  id: NodeId
  /** Its name. */
  node: string
  /** Version of Consentry. */
  version: string
  /** The id of a node whose data folder is lost, and which this one replaces. */
  replaces?: string | undefined
}

/** Another node that works on the database. */
interface Other {
  id: string
  name: string
  seen_at: Date
  runs: boolean
}

const OTHERS = `select id, name, seen_at, ${holderOf('service', 'node.id::text')} as runs from node
  where id <> $1 and forgotten_at is null order by seen_at desc`
const REGISTER = `insert into node (id, name, version) values ($1, $2, $3) on conflict (id)
  do update set name = excluded.name, version = excluded.version, started_at = now(), seen_at = now(), forgotten_at = null`

/**
 * Registers a starting node, unless another node works on its database. A database serves one node: recordings on the
 * disks of one node look missing to another, which would report or destroy them.
 *
 * @throws AppError `config.invalid` if there is another node, with what to do
 */
export async function registerNode(query: Query, { id, node, version, replaces }: Starting): Promise<void> {
  await query('begin')
  try {
    // Of two nodes that first start at the same time, one sees the other.
    await query('lock table node in share row exclusive mode')
    const others = await query<Other>(OTHERS, [id])
    const inTheWay = others.find(other => other.id !== replaces || other.runs)
    if (inTheWay) throw new AppError('config.invalid', refusal(inTheWay))
    await query('update node set forgotten_at = now() where id = any($1)', [others.map(other => other.id)])
    await query(REGISTER, [id, node, version])
    await query('commit')
  } catch (error) {
    await query('rollback').catch(() => undefined)
    throw error
  }
}

function refusal({ id, name, seen_at: seen, runs }: Other): string {
  const end = runs ? ' It runs now, so end it first.' : ''
  return (
    `Another node works on this database: ${name} (${id}), last seen ${seen.toISOString()}. A database serves one node, because recordings, keys and waiting ` +
    `events are on the disks of that node. Start the service with the data folder of that node, or give it a database of its own.${end} ` +
    `If that data folder is lost for good, set CONSENTRY_REPLACES=${id}.`
  )
}
