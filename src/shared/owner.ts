import type { ServiceId } from './ids.js'

/** The owner of a call or a recording. A service and its successors are the same owner; no other service is. */
export interface Owner {
  /** Name of the installation, for people; two machines may have the same one. */
  node: string
  /** Socket of its keeper, in its data folder. */
  keeper: string
  /** Id of its data folder. */
  service: ServiceId
}

/**
 * Whether a journalled owner is this one. The id decides. Of older versions, which journalled no id, name and socket decide;
 * the oldest journalled neither, and then the answer is yes.
 */
export const isOwner = (
  own: Owner,
  { node = own.node, keeper = own.keeper, service }: Partial<Owner>,
): boolean => (service === undefined ? node === own.node && keeper === own.keeper : service === own.service)
