import type { RecordingId } from './ids.js'
import type { MissingAudio } from './missing-audio.js'
import type { PauseBy } from './party-events.js'
import type { Purpose } from './policy.js'

/** Data of the events about gaps of a recording, and about its end. */
export interface RecordingEvents {
  /**
   * `seconds`: length of the longer side; if store or key store failed, of what is stored of it. `reason`: the fault that ended it. `tap-gone`:
   * the PBX died, or keeper and service did together. `tap-late`: the last audio did not come in time. `pbx-lost`, `keeper-died`: audio may be
   * missing. Of a recovered one also `withdrawn`, or `key-gone` (withdrawn, but not in the journal).
   */
  'recording.finished': {
    recording: RecordingId
    state: 'finished' | 'truncated'
    seconds: number
    reason?: string
    /** More than a twentieth of the time in which it was not paused is missing. */
    missing?: MissingAudio
  }
  /** No audio came after the consent. There is no container, and the key is destroyed. */
  'recording.empty': { recording: RecordingId; missing?: MissingAudio }
  /** `late`: the store or key store did not refuse, but took too long. */
  'recording.failed': { recording: RecordingId | null; purpose: Purpose | null; reason: string; late?: true }
  /** From these samples of each leg on, nothing is kept, for example while a card number is said. */
  'recording.paused': { recording: RecordingId; by: PauseBy; caller: number; agent: number }
  /** From these samples of each leg on, audio is kept again. The recording has silence for the pause. */
  'recording.resumed': { recording: RecordingId; by: PauseBy | 'timeout'; caller: number; agent: number }
}
