import type { NodeId } from './ids.js'

/** The owner of a call or a recording. A service and its successors are the same owner; no other service is. */
export interface Owner {
  /** Name of the node, for people. Two nodes may have the same name. No event of a call has it. */
  node: string
  /** Path of the keeper's socket, in the data folder. No event has it. */
  keeper: string
  /** Id of the node. Events call it `service`. */
  service: NodeId
}

/** An owner as an event or a row states it. */
export type StatedOwner = { [Key in keyof Owner]?: Owner[Key] | null | undefined }

/**
 * Whether a journalled owner is this service. The id decides. Older versions journalled no id: then name and socket decide. The
 * oldest versions journalled none of these: then the answer is yes.
 */
export const isOwner = (own: Owner, { node, keeper, service }: StatedOwner): boolean =>
  service ? service === own.service : (node ?? own.node) === own.node && (keeper ?? own.keeper) === own.keeper
