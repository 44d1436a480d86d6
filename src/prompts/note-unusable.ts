import type { Clock } from '../core/clock.js'
import { event } from '../core/events.js'
import type { EventSink } from '../core/ports.js'
import type { LivePromptsOptions } from './live-prompts.js'

/** Journals that a published prompt cannot be played. */
export const noteUnusable =
  (journal: EventSink, clock: Pick<Clock, 'now'>): LivePromptsOptions['onUnusable'] =>
  ({ name: prompt, language, version, sha256 }, reason, detail) =>
    journal.note(
      event('prompt.unusable', null, clock.now(), { prompt, language, version, sha256, reason, detail }),
    )
