/**
 * Work that callers wait for: an order to the PBX, the commit of an answer, disk work of a recording, a check of a
 * prompt's files.
 */
export type CallWork = 'pbx' | 'commit' | 'storage' | 'prompts'

/** Measures how long such work takes, so that no more callers are asked than can be served. */
export interface WorkTimer {
  /** @returns `work` itself */
  time<T>(what: CallWork, work: Promise<T>): Promise<T>
}
