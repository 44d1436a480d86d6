/*
 * Sets up an installation: reads the present state, plans the changes, and carries them out. The plan for a complete
 * installation is empty, so the setup may run again at any time.
 */
import type { Words } from '../../core/words.js'

/** A file that is written. */
export interface FileChange {
  do: 'write'
  /** Absolute path on the machine. */
  path: string
  /** The present content; undefined if the file does not exist. */
  before: string | undefined
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
  /** The present content. */
  before: string
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
export type Change = FileChange | RemoveChange | CommandChange | SqlChange | KeysChange

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
