import type { ServiceId } from './ids.js'

/** The owner of a call or a recording. A service and its successors are the same owner; no other service is. */
export interface Owner {
  /** Name of the installation, for people. Two machines may have the same name. */
  node: string
  /** Path of the keeper's socket, in the data folder. */
  keeper: string
  /** Id of the data folder. */
  service: ServiceId
}

/**
 * Whether a journalled owner is this service. The id decides. Older versions journalled no id: then name and socket decide. The
 * oldest versions journalled none of these: then the answer is yes.
 */
export const isOwner = (
  own: Owner,
  { node = own.node, keeper = own.keeper, service }: Partial<Owner>,
): boolean => (service === undefined ? node === own.node && keeper === own.keeper : service === own.service)
