import type { ServiceId } from './ids.js'

/** Whose a call or a recording is: a service and its successors have the same one, and no other service has it. */
export interface Owner {
  /** Name of the installation, for people; two machines may have the same one. */
  node: string
  /** Socket of its keeper, in its data folder. */
  keeper: string
  /** Id of its data folder. */
  service: ServiceId
}

/**
 * Whether what the journal says of an owner means this one. The id decides. Older versions told the name and the socket, the
 * oldest nothing.
 */
export const isOwner = (
  own: Owner,
  { node = own.node, keeper = own.keeper, service }: Partial<Owner>,
): boolean => (service === undefined ? node === own.node && keeper === own.keeper : service === own.service)
