import type { ActorWay } from './actor.js'
import type { Language } from './policy.js'

/** The company as an installation has it set. Null: not set. */
export interface CompanySetting {
  name: string | null
  language: Language | null
}

/** The events of setting an installation up. */
export interface SetupEvents {
  'company.changed': { before: CompanySetting; after: CompanySetting; by: string; way: ActorWay }
  /** Whether callers may hear the company of the shipped prompts, an example, because the installation is a trial. */
  'company.trial-changed': { trial: boolean; by: string; way: ActorWay }
  /** A running service got recipients, and seals for them from now on. `keys`: ids of the key pairs. */
  'recipients.added': { node: string; keys: string[]; by: string; way: ActorWay }
}
