import type { NodeId } from './ids.js'

/** The owner of a call or a recording. A service and its successors are the same owner; no other service is. */
export interface Owner {
  /** Name of the node, for people. Two nodes may have the same name. No event of a call has it. */
  node: string
  /** Id of the node. Events call it `service`. */
  service: NodeId
}
