import type { ColumnType, Generated } from 'kysely'
import type { Language, PromptMaking } from '../core/policy.js'

/** Prompts that were made while the service runs. */
export interface PromptTables {
  prompt_audio: PromptAudioTable
  prompt_version: PromptVersionTable
}

/** The master of a prompt version, by its SHA-256. */
interface PromptAudioTable {
  sha256: string
  wav: ColumnType<Buffer, Buffer, never>
}

/** Whether a version of a prompt is in use. `replaced`: a later publication has taken its place. */
export type PromptState = 'draft' | 'published' | 'replaced' | 'withdrawn'

/** Prompts that were made while the service runs. */
interface PromptVersionTable {
  name: string
  language: Language
  version: number
  template: string
  variables: ColumnType<Record<string, unknown>, string, never>
  text: string
  says: ColumnType<Record<string, unknown>, string, never>
  sha256: string
  length_ms: number
  lufs: number
  true_peak: number
  made_how: PromptMaking
  engine: string | null
  voice: string | null
  made_by: string
  made_at: Date
  state: Generated<PromptState>
  published_by: ColumnType<string | null, undefined, string>
  published_at: ColumnType<Date | null, undefined, Date>
  ended_by: ColumnType<string | null, undefined, string | null>
  ended_at: ColumnType<Date | null, undefined, Date | null>
}
