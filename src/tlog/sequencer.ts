import { setTimeout as pause } from 'node:timers/promises'
import { type Connection, connect } from '../db/connection.js'
import { describeFailure, isRefusal } from '../db/failure.js'
import { AppError, codeOf } from '../shared/errors.js'
import type { Log } from '../shared/log.js'
import type { Secret } from '../shared/secret.js'
import { extendLog } from './extend-log.js'
import { followLog } from './follow-log.js'
import { LogFolder } from './log-folder.js'
import { identifyLog, type LogIdentity, type LogLocation } from './log-identity.js'
import { addCosignature } from './log-rows.js'
import { type Witness, WitnessClient } from './notes/witness-client.js'

/** From one look at the journal to the next, ms: with what a round takes, an event is in the log within a second. */
const ROUND_MS = 500

/** From a failed round to the next, ms. */
const RETRY_MS = 2_000

/** How long a round may take once the service stops, ms. */
const FINISH_MS = 3_000

export interface SequencerOptions extends LogLocation {
  /** Connects as the service's role. */
  url: Secret | string
  witness?: Witness | undefined
  /** From one look at the journal to the next, ms; half a second if not given. */
  roundMs?: number | undefined
  log: Log
}

/** What the log has come to, for whoever asks the service how it is. */
export interface LogState {
  /** Leaves published here. */
  size: number
  /** This service can sign. */
  signs: boolean
  /** Why the log does not go on; undefined while it does. */
  fault: string | undefined
  /** Why it stands still until somebody sees to it, in words; a database that is away is no such thing. */
  stopped: string | undefined
  /** Why the witness does not cosign. */
  witness: string | undefined
}

/**
 * Turns committed events into leaves of the log, and signs. Every service follows the log into a folder of its own; in each
 * round one of those that have the key carries it on. Whatever fails is tried again from what is on disk and in the database.
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
  #cosigned: { size: number; line: string }[] = []
  #fault: string | undefined
  #stopped: string | undefined
  #published = 0
  /** Size of the checkpoint shown to the witness last. */
  #offered = 0

  constructor(options: SequencerOptions) {
    this.#options = options
    this.#log = options.log
    this.#running = this.#run()
  }

  get state(): LogState {
    return {
      size: this.#published,
      signs: this.#identity?.secret !== undefined,
      fault: this.#fault,
      stopped: this.#stopped,
      witness: this.#witness?.fault,
    }
  }

  /** Takes what is committed into the log, if that can be done soon, and ends. Harmless when repeated. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    // Again and again: the one that is thrown away may have been followed by another.
    const late = setInterval(() => this.#connection?.cut(), FINISH_MS)
    await this.#running
    clearInterval(late)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const wait = await this.#tryRound()
      if (wait > 0) await pause(wait, undefined, { signal }).catch(() => undefined)
    }
    while (!this.#fault && (await this.#tryRound()) === 0);
    await this.#witness?.idle()
    if (this.#connection && this.#cosigned.length > 0) await this.#tryRound()
    await this.#connection?.close().catch(() => undefined)
  }

  get #roundMs(): number {
    return this.#options.roundMs ?? ROUND_MS
  }

  /** @returns how long to wait for the next round, ms */
  async #tryRound(): Promise<number> {
    try {
      const more = await this.#round()
      if (this.#fault) this.#log.info('the log goes on')
      this.#fault = undefined
      this.#stopped = undefined
      return more ? 0 : this.#roundMs
    } catch (error) {
      // What was added in memory may not be what is in the database: the next round begins from the files.
      this.#folder = undefined
      this.#connection?.cut()
      this.#connection = undefined
      this.#report(error)
      return RETRY_MS
    }
  }

  /** @returns whether there is more to do at once */
  async #round(): Promise<boolean> {
    const connection = await this.#connect()
    this.#identity ??= await this.#identify(connection)
    const identity = this.#identity
    this.#folder ??= await LogFolder.open(this.#options.dir, identity.verifier)
    const folder = this.#folder
    await this.#saveCosignatures(connection)
    const { lastEvent, behind } = await followLog(connection, folder, identity.verifier)
    const { secret } = identity
    const more =
      behind ||
      (secret !== undefined && (await extendLog(connection, folder, lastEvent, { ...identity, secret })))
    this.#published = folder.size
    if (!behind) await this.#offerToWitness(folder)
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

  async #identify(connection: Connection): Promise<LogIdentity> {
    const identity = await identifyLog(connection, this.#options)
    const { origin, secret } = identity
    if (secret) this.#log.info({ origin }, 'this service carries the log on')
    else this.#log.warn({ origin }, 'the key of the log is not here: the log is followed, not carried on')
    return identity
  }

  /** Shows the witness what was published last, whoever signed it: a fork is to be noticed even if it stands still. */
  async #offerToWitness({ files, size }: LogFolder): Promise<void> {
    const { witness } = this.#options
    if (!witness || size === 0 || size === this.#offered) return
    this.#witness ??= new WitnessClient(witness, files, this.#log, (size, line) =>
      this.#cosigned.push({ size, line }),
    )
    this.#witness.offer((await files.checkpoint())!)
    this.#offered = size
  }

  /** In the database, and in the published checkpoint if it is still that one. */
  async #saveCosignatures(connection: Connection): Promise<void> {
    for (const cosigned of this.#cosigned.splice(0)) {
      await addCosignature(connection, cosigned.size, cosigned.line)
      await this.#folder?.cosign(cosigned.size, cosigned.line)
    }
  }

  #report(error: unknown): void {
    const reason = error instanceof AppError ? error.message : describeFailure(error)
    // Once the database is away, nobody has seen to it yet.
    if (needsOperator(error)) this.#stopped = reason
    if (reason === this.#fault) return
    this.#fault = reason
    const what = 'the log is not carried on; events are kept and enter it later'
    if (codeOf(error) === 'journal.inconsistent')
      this.#log.fatal({ reason }, 'the log and the journal differ')
    else this.#log.error({ reason }, what)
  }
}

/** Errors by which a disk, and never a connection, says that nothing can be written, or nothing by this user. */
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

/** Whether the log stands still until an operator acts. An absent database is no such fault, because the log retries. */
function needsOperator(error: unknown): boolean {
  if (error instanceof AppError) return !error.retryable
  return isRefusal(error) || DISK_ERRORS.has((error as NodeJS.ErrnoException | null)?.code ?? '')
}

/** Starts to keep the log; it connects by itself, and again whenever it has to. */
export const startSequencer = (options: SequencerOptions): Sequencer => new Sequencer(options)
