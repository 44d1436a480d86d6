/** Who is responsible for the recordings, as acts and notices name them. */
export interface Operator {
  name: string
  address: string
  /** ИНН, or another number under which the operator is registered. */
  taxId?: string | undefined
  email?: string | undefined
  /** Name of the information system in the operator's register. */
  system?: string | undefined
  /** Who processes the recordings on the operator's behalf; undefined if nobody does. */
  processor?: { name: string; address: string } | undefined
  /** Who signs, and is the contact for the authority. */
  officer?: { name: string; position: string; contact?: string | undefined } | undefined
}
