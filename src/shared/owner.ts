/** Whose a call or a recording is: a service and its successors have the same one, and no other service has it. */
export interface Owner {
  /** Name of the installation; no other machine on the same database has it. */
  node: string
  /** Socket of its keeper, in its data folder, which no other service of the machine has. */
  keeper: string
}
