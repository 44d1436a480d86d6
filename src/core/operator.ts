/** The controller of the recordings, as acts and notices name it. */
export interface Operator {
  name: string
  address: string
  /** ИНН, or another number under which the operator is registered. */
  taxId?: string | undefined
  email?: string | undefined
  /** Name of the information system in the operator's register. */
  system?: string | undefined
  /** The processor of the recordings on the operator's behalf, if any. */
  processor?: { name: string; address: string } | undefined
  /** The signatory, and contact for the authority. */
  officer?: { name: string; position: string; contact?: string | undefined } | undefined
}
