import type { DestructionCause } from '../../shared/events.js'

/**
 * What an act says, in one language. The fields are those of clause 3 of the Requirements approved by order No. 179 of
 * Roskomnadzor of 28 October 2022; the list at its end has those of clause 5, of an extract from the event journal.
 */
export interface ActWords {
  /** The order under which it is drawn up. */
  form: string
  title: { act: (number: number) => string; what: string }
  place: string
  preamble: (cause: DestructionCause) => string
  operator: string
  taxId: string
  processor: string
  noProcessor: string
  persons: string
  personsAre: (recordings: number, calls: number) => string
  categories: string
  voice: (purposes: string) => string
  key: string
  number: string
  digits: string
  medium: string
  noMedium: string
  system: string
  systemName: string
  method: string
  methods: readonly string[]
  /** In their place, where nothing was found. */
  lostMethods: readonly string[]
  reason: string
  causes: Record<DestructionCause, string>
  stated: (reason: string) => string
  date: string
  from: string
  to: string
  by: string
  byService: string
  byStaff: (name: string) => string
  byCaller: string
  answerable: string
  position: string
  signature: string
  name: string
  kept: (day: string) => string
  annex: { to: (number: number) => string; what: string; intro: string; proof: (file: string) => string }
  log: string
  columns: { person: string; called: string; ids: string; purpose: string; destroyed: string; event: string }
  unknownPerson: string
  purposes: Record<string, string>
}
