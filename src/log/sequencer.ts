import type { KeyObject } from 'node:crypto'
import { systemClock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import type { Secret } from '../core/secret.js'
import { type Connection, connect } from '../db/connection.js'
import { describeFailure, isRefusal } from '../db/failure.js'
import type { Log } from '../lib/log.js'
import { sleep } from '../lib/retry.js'
import { EVENTS_PER_READ, followLog } from './follow-log.js'
import { LogFolder } from './log-folder.js'
import { identifyLog, keepPublished, type LogIdentity, type LogLocation } from './log-identity.js'
import {
  addCheckpoint,
  addCosignature,
  countRotations,
  eventsBetween,
  newestEvent,
  newestSize,
  rememberWitness,
  stableEventId,
  tryLogTurn,
} from './log-rows.js'
import { checkpointText } from './notes/checkpoint.js'
import { signatureLine, signBytes, type Verifier } from './notes/note.js'
import { keyText } from './notes/rotation.js'
import { TimestampClient } from './notes/timestamp-client.js'
import { type Witness, WitnessClient } from './notes/witness-client.js'
import { leafOf } from './tree/leaf.js'

/**
 * Delay between rounds, ms. Delay and round together take less than a second, so that an event is in the log within a
 * second.
 */
const ROUND_MS = 500

/** Delay after a failed round, ms. */
const RETRY_MS = 2_000

/** Longest duration of a round once the service stops, ms. */
const FINISH_MS = 2_000

export interface SequencerOptions extends LogLocation {
  /** Database, with the service's role. */
  url: Secret | string
  witness?: Witness | undefined
  /** The server that time-stamps checkpoints, and how often, see `TimestampOptions`. */
  timestamps?: { url: string; everyMs?: number; retryMs?: number } | undefined
  /** Delay between rounds, ms; 500 if absent. */
  roundMs?: number | undefined
  log: Log
}

/** State of the log, for the service's health. */
export interface LogState {
  /** Number of published leaves. */
  size: number
  /** True if this service can sign. */
  signs: boolean
  /** Why the last round failed. Undefined if it succeeded. */
  fault: string | undefined
  /** Why the log has stopped until an operator acts. Undefined while it works or only the database is away. */
  stopped: string | undefined
  /** How long events have waited while the log did not grow, ms. About 0 while the log works. */
  behindMs: number
  /** Why the witness does not cosign. Undefined while it does, or without a witness. */
  witness: string | undefined
  /** Why there is no time stamp. Undefined while the server answers, or without a server. */
  timestamps: string | undefined
}

/**
 * Turns committed events into leaves of the log and signs checkpoints. Every service copies the log into a folder of
 * its own. In each round, one of the services that have the key extends the log. A failed round is repeated from the
 * files and the database.
 */
export class Sequencer {
  readonly #options: SequencerOptions
  readonly #log: Log
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #connection: Connection | undefined
  #identity: LogIdentity | undefined
  #folder: LogFolder | undefined
  #witness: WitnessClient | undefined
  readonly #timestamps: TimestampClient | undefined
  #cosigned: { size: number; line: string }[] = []
  #fault: string | undefined
  #stopped: string | undefined
  #published = 0
  /** Size of the checkpoint last offered to the witness. */
  #offered = 0
  /** When the log last grew or had every event, by `performance.now()`, ms. */
  #wentOnAt = performance.now()

  constructor(options: SequencerOptions) {
    this.#options = options
    this.#log = options.log
    if (options.timestamps)
      this.#timestamps = new TimestampClient({ ...options.timestamps, dir: options.dir, log: options.log })
    this.#running = this.#run()
  }

  get state(): LogState {
    return {
      size: this.#published,
      signs: this.#identity?.secret !== undefined,
      fault: this.#fault,
      stopped: this.#stopped,
      behindMs: performance.now() - this.#wentOnAt,
      witness: this.#witness?.fault,
      timestamps: this.#timestamps?.fault,
    }
  }

  /**
   * Adds the committed events to the log, unless a round takes longer than 3 s, and ends. Repeated calls do nothing.
   */
  async stop(): Promise<void> {
    this.#stopping.abort()
    // Repeated, because a new connection may have been opened after one was cut.
    const cutting = setInterval(() => this.#connection?.cut(), FINISH_MS)
    await this.#running
    clearInterval(cutting)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const wait = await this.#tryRound()
      if (wait > 0) await sleep(systemClock, wait, signal)
    }
    while (!this.#fault && (await this.#tryRound()) === 0);
    await Promise.all([this.#witness?.idle(), this.#timestamps?.stop()])
    if (this.#connection && this.#cosigned.length > 0) await this.#tryRound()
    await this.#connection?.close().catch(() => undefined)
  }

  get #roundMs(): number {
    return this.#options.roundMs ?? ROUND_MS
  }

  /** @returns delay before the next round, ms */
  async #tryRound(): Promise<number> {
    try {
      const more = await this.#round()
      if (this.#fault) this.#log.info('the log works again')
      this.#fault = undefined
      this.#stopped = undefined
      return more ? 0 : this.#roundMs
    } catch (error) {
      // The leaves in memory may differ from the database. The next round begins from the files.
      this.#folder = undefined
      this.#connection?.cut()
      this.#connection = undefined
      this.#report(error)
      return RETRY_MS
    }
  }

  /** Returns true if the next round should begin at once. */
  async #round(): Promise<boolean> {
    const connection = await this.#connect()
    const identity = await this.#currentIdentity(connection)
    this.#folder ??= await LogFolder.open(this.#options.dir, identity.keys)
    const folder = this.#folder
    await this.#saveCosignatures(connection)
    const [begun, newest] = [performance.now(), await newestEvent(connection)]
    const { lastEvent, behind } = await followLog(
      connection,
      folder,
      async () => (await this.#currentIdentity(connection)).keys,
    )
    const { secret, keys } = identity
    const waiting = newest > lastEvent
    const more =
      behind ||
      (waiting &&
        secret !== undefined &&
        (await extendLog(connection, folder, lastEvent, { ...identity, verifier: keys.newest, secret })))
    if (!waiting || folder.size > this.#published) this.#wentOnAt = begun
    if (folder.size > this.#published) await keepPublished(this.#options.dir, this.#identity!.keys)
    this.#published = folder.size
    if (!behind) await this.#offerToWitness(folder)
    // Services without the key leave time stamps to the one that extends the log.
    if (!behind && secret && this.#timestamps?.wants(folder.size))
      this.#timestamps.stamp((await folder.files.checkpoint())!)
    return more
  }

  async #connect(): Promise<Connection> {
    if (this.#connection) return this.#connection
    const connection = await connect(this.#options.url, 'log')
    connection.onLost(() => {
      if (this.#connection === connection) this.#connection = undefined
    })
    this.#connection = connection
    await connection.query(`set datestyle = 'ISO'`)
    return connection
  }

  /** The identity of the log, with the key that is in force now. */
  async #currentIdentity(connection: Connection): Promise<LogIdentity> {
    if (!this.#identity || (await countRotations(connection)) !== this.#identity.rotations)
      this.#identity = await this.#identify(connection)
    return this.#identity
  }

  async #identify(connection: Connection): Promise<LogIdentity> {
    const identity = await identifyLog(connection, this.#options)
    const { witness } = this.#options
    if (witness) await rememberWitness(connection, witness.key)
    const { origin, secret, keys } = identity
    const about = { origin, key: keyText(keys.newest) }
    if (secret) this.#log.info(about, 'this service extends the log')
    else this.#log.warn(about, 'this service has no key of the log: it copies the log but does not extend it')
    return identity
  }

  /** Offers the published checkpoint to the witness, even one signed by another service, so that a fork is detected. */
  async #offerToWitness({ files, size }: LogFolder): Promise<void> {
    const { witness } = this.#options
    if (!witness || size === 0 || size === this.#offered) return
    this.#witness ??= new WitnessClient(witness, files, this.#log, (size, line) =>
      this.#cosigned.push({ size, line }),
    )
    this.#witness.offer((await files.checkpoint())!)
    this.#offered = size
  }

  /** Saves cosignatures in the database, and in the published checkpoint if that is still the cosigned one. */
  async #saveCosignatures(connection: Connection): Promise<void> {
    for (const cosigned of this.#cosigned.splice(0)) {
      await addCosignature(connection, cosigned.size, cosigned.line)
      await this.#folder?.cosign(cosigned.size, cosigned.line)
    }
  }

  #report(error: unknown): void {
    const reason = error instanceof AppError ? error.message : describeFailure(error)
    // A later failure, such as an absent database, does not mean that an operator has acted.
    if (needsOperator(error)) this.#stopped = reason
    if (reason === this.#fault) return
    this.#fault = reason

    if (codeOf(error) === 'journal.inconsistent')
      this.#log.fatal({ reason }, 'the log and the journal differ; run consentry verify')
    else this.#log.error({ reason }, 'the log is not extended; events are kept and enter it later')
  }
}

/** Disk errors that forbid writing, in general or for this user. None of them is a connection's error. */
const DISK_ERRORS = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'ENOTDIR',
  'EISDIR',
])

/**
 * True if the log has stopped until an operator acts. An absent database is not such a fault, because the log retries.
 */
function needsOperator(error: unknown): boolean {
  if (error instanceof AppError) return !error.retryable
  return isRefusal(error) || DISK_ERRORS.has((error as NodeJS.ErrnoException | null)?.code ?? '')
}

/** Starts the sequencer. It connects in the background and reconnects whenever the connection is lost. */
export const startSequencer = (options: SequencerOptions): Sequencer => new Sequencer(options)

/** Most events per checkpoint. They are held in memory until they are published. */
const EVENTS_PER_CHECKPOINT = 10_000

interface Signer {
  origin: string
  /** The newest key of the log. */
  verifier: Verifier
  secret: KeyObject
  /** Number of rotations in the journal when this key was the newest. */
  rotations: number
}

/**
 * Adds new events to the log, signs a checkpoint, and publishes both. Only the service that has the turn of the log
 * does so. The checkpoint is committed before it is published. If the service is killed in between, `followLog`
 * completes the files.
 *
 * @param lastEvent id of the last event in the folder
 * @returns whether the next round should begin at once
 * @throws the database's error. Then the folder must be opened again.
 */
async function extendLog(
  connection: Connection,
  folder: LogFolder,
  lastEvent: number,
  signer: Signer,
): Promise<boolean> {
  // Each statement must see all earlier commits, whatever the database's default isolation level is.
  await connection.query('begin isolation level read committed')
  try {
    const mine = await tryLogTurn(connection)
    // A rotation is committed in this turn. Afterwards the former key signs nothing.
    const rotated = mine && (await countRotations(connection)) !== signer.rotations
    const current = mine && !rotated && (await newestSize(connection)) === folder.size
    const upTo = current ? ((await stableEventId(connection)) ?? lastEvent) : lastEvent
    if (upTo <= lastEvent) {
      await connection.query('rollback')
      // If another service has extended the log, `followLog` adds its checkpoints to the folder. After a rotation,
      // another key is in force.
      return mine && !current
    }
    const last = await addEvents(connection, folder, lastEvent, upTo)
    const note = sign(folder, signer)
    await addCheckpoint(connection, { size: folder.size, lastEvent: last, root: folder.root(), note })
    const { command } = await connection.query('commit')
    if (command !== 'COMMIT') throw new Error('The checkpoint was not committed')
    await folder.publish([note])
    return last < upTo
  } catch (error) {
    await connection.query('rollback').catch(() => undefined)
    throw error
  }
}

/** @returns the id of the last event that was added */
async function addEvents(connection: Connection, folder: LogFolder, after: number, upTo: number) {
  let last = after
  for (let added = 0; added < EVENTS_PER_CHECKPOINT; added += EVENTS_PER_READ) {
    const events = await eventsBetween(connection, last, upTo, EVENTS_PER_READ)
    for (const event of events) folder.add(leafOf(event))
    last = events.at(-1)?.id ?? upTo
    if (events.length < EVENTS_PER_READ) return last
  }
  return last
}

function sign(folder: LogFolder, { origin, verifier, secret }: Signer): string {
  const text = checkpointText({ origin, size: folder.size, root: folder.root() })
  return `${text}\n${signatureLine(verifier, signBytes(secret, text))}`
}
