/** Who answers for the recordings, as acts and notices name them. */
export interface Operator {
  name: string
  address: string
  /** ИНН, or another number under which the operator is registered. */
  taxId?: string | undefined
  email?: string | undefined
  /** What the information system is called in the operator's own register. */
  system?: string | undefined
  /** Who processes the recordings on the operator's behalf, where somebody does. */
  processor?: { name: string; address: string } | undefined
  /** Who signs, and who answers when the authority asks. */
  officer?: { name: string; position: string; contact?: string | undefined } | undefined
}
