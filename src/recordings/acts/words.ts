import type { DestructionCause } from '../../core/events.js'

/**
 * The texts of an act in one language. The fields follow clause 3 of the Requirements that order No. 179 of Roskomnadzor of
 * 28 October 2022 approved. The columns of the annex follow clause 5, about extracts from the event journal.
 */
export interface ActWords {
  /** The order on which the act is based. */
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
  /** Used in place of `methods` in an act of lost recordings. */
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
