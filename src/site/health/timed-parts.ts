import type { DurableEventSink, PromptBook } from '../../core/ports.js'
import type { WorkTimer } from '../../lib/work.js'

/** A journal whose commits are measured. */
export const timedJournal = (journal: DurableEventSink, work: WorkTimer): DurableEventSink => ({
  append: (events, timeoutMs) => work.time('commit', journal.append(events, timeoutMs)),
  note: (...events) => journal.note(...events),
  noteDurably: one => journal.noteDurably(one),
})

/** A book whose checks of prompts are measured. */
export const timedPrompts = (prompts: PromptBook, work: WorkTimer): PromptBook => ({
  find: (language, name) => prompts.find(language, name),
  ready: (language, name) => work.time('prompts', prompts.ready(language, name)),
  forCall: () => timedPrompts(prompts.forCall?.() ?? prompts, work),
})
