// Fake: the gate.
import type { Gate, ShedReason } from '../../../src/core/ports.js'
import type { StorageGate } from '../../../src/core/storage-gate.js'

/** A gate that is always open. */
export const openGate: Gate & StorageGate = {
  closed: () => undefined,
  asked() {},
  storageAway: async () => undefined,
}

/** A gate that is shut as long as there is a reason. */
export const gateBy = (reason: () => ShedReason | undefined): Gate & StorageGate => ({
  closed: reason,
  asked() {},
  async storageAway() {
    const why = reason()
    return why === 'store-unwritable' || why === 'keys-unwritable' ? why : undefined
  },
})
