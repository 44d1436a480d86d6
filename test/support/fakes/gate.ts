// Fake: the gate.
import type { Gate, ShedReason } from '../../../src/shared/ports.js'

/** A gate that is always open. */
export const openGate: Gate = { closed: () => undefined, storageAway: async () => undefined }

/** A gate that is shut as long as there is a reason. */
export const gateBy = (reason: () => ShedReason | undefined): Gate => ({
  closed: reason,
  async storageAway() {
    const why = reason()
    return why === 'store-unwritable' || why === 'keys-unwritable' ? why : undefined
  },
})
