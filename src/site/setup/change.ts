/*
 * Sets up an installation: reads the present state, plans the changes, and carries them out. The plan for a complete
 * installation is empty, so the setup may run again at any time.
 */
import type { Words } from '../../core/words.js'
import type { Leader } from '../../lib/host/guarded-path.js'

/** A file that is written. */
export interface FileChange {
  do: 'write'
  /** Absolute path on the machine. */
  path: string
  /** The present content; undefined if the file does not exist. */
  before: string | undefined
  /** The mark of the present content. A file that has another one later is not written. */
  mark: string | undefined
  /** Who named the path, if it was not root. */
  leader: Leader
  after: string
  /** Mode and owner of a new file. An existing file keeps its own. */
  mode: number
  owner: { uid: number; gid: number } | undefined
  /** Texts that are hidden in output. */
  secrets: readonly string[]
}

/** A file that is removed. */
export interface RemoveChange {
  do: 'remove'
  /** Absolute path on the machine. */
  path: string
  /** The present content, and its mark. A file that has another one later is not removed. */
  before: string
  mark: string
  leader: Leader
  /** Texts that are hidden in output. */
  secrets: readonly string[]
}

/** A command that is run. */
export interface CommandChange {
  do: 'run'
  /** Program and arguments. */
  command: readonly string[]
  why: Words
}

/** A command of Asterisk's console, which only a running Asterisk needs. */
export interface ConsoleChange {
  do: 'console'
  order: string
  why: Words
}

/** A file that is closed to users other than its owner and group. */
export interface CloseChange {
  do: 'close'
  /** Absolute path on the machine. */
  path: string
  leader: Leader
  why: Words
}

/** Statements that a superuser of PostgreSQL runs. */
export interface SqlChange {
  do: 'sql'
  /** The database on the server. */
  database: string
  statements: readonly string[]
  secrets: readonly string[]
}

/** A pair of key files that is drawn. */
export interface KeysChange {
  do: 'draw-keys'
  purposes: readonly string[]
  /** Folder of the secret half, absolute. */
  folder: string
  /** File of the public half, absolute. */
  recipients: string
}

/** One change. Changes are carried out in the order of the plan. */
export type Change =
  | FileChange
  | RemoveChange
  | CommandChange
  | ConsoleChange
  | CloseChange
  | SqlChange
  | KeysChange

/** The command with which a person would do the same. */
export function commandOf(change: CommandChange | ConsoleChange | CloseChange): readonly string[] {
  if (change.do === 'run') return change.command
  return change.do === 'console' ? ['asterisk', '-rx', change.order] : ['chmod', 'o=', change.path]
}

/** The findings of one step, its changes, and the tasks left to people. */
export interface StepPlan {
  title: Words
  found: readonly Words[]
  changes: readonly Change[]
  /** Tasks for a person, such as a restart of Asterisk when it has no calls. */
  todo: readonly Words[]
}

/** Shown in place of a secret. */
const HIDDEN = '••••••'

/** A text without its secrets. */
export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.filter(secret => secret !== '').reduce((all, secret) => all.replaceAll(secret, HIDDEN), text)
