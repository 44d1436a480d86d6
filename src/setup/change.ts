/*
 * This room sets up an installation: it finds out what is there, plans what has to change, and carries that out. A plan of a machine that is
 * set up is empty, so it may be run again at any time.
 */
import type { Words } from '../shared/words.js'

/** A file that is written. */
export interface FileChange {
  do: 'write'
  /** Absolute path on the machine. */
  path: string
  /** What it holds now; undefined if there is none. */
  before: string | undefined
  after: string
  /** Mode and owner of a new file. One that exists keeps its own. */
  mode: number
  owner: { uid: number; gid: number } | undefined
  /** Texts that nobody is shown. */
  secrets: readonly string[]
}

/** A file that is removed. */
export interface RemoveChange {
  do: 'remove'
  /** Absolute path on the machine. */
  path: string
  /** What it holds now. */
  before: string
  /** Texts that nobody is shown. */
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
  /** On which database of the server. */
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

/** One thing that has to change. They are carried out in the order of the plan. */
export type Change = FileChange | RemoveChange | CommandChange | SqlChange | KeysChange

/** What one step found, what it would change, and what is left to people. */
export interface StepPlan {
  title: Words
  found: readonly Words[]
  changes: readonly Change[]
  /** What a person has to do, such as a restart of Asterisk when it has no calls. */
  todo: readonly Words[]
}

/** What is shown in place of a secret. */
const HIDDEN = '••••••'

/** A text without its secrets. */
export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.filter(secret => secret !== '').reduce((all, secret) => all.replaceAll(secret, HIDDEN), text)
