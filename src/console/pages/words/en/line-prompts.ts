import { counted } from '../../../../lib/plural.js'
import type { Words } from '../shape.js'

export const linePrompts = {
  open: 'Its prompts',
  title: line => `${line}: prompts`,
  lead: 'All that its callers hear. Play it, or have it spoken again by another voice, with the keys and terms of this line.',
  alsoOn: numbers => `Heard on ${numbers.join(', ')}, too`,
  drafts: 'Not heard by callers yet',
  draftsHint: 'Listen to these new versions before you publish them.',
  publish: count => `Publish ${counted(count, 'new version', 'new versions')}`,
  ask: count => `Ask for approval of ${counted(count, 'new version', 'new versions')}`,
  publishDo: 'Publish them',
  publishAsks:
    'From their next call on, callers hear these. This can be undone at each prompt: withdraw it, or publish an earlier version again.',
  publishOthers: numbers => `Other lines say some of them, too: ${numbers.join(', ')}.`,
  speak: 'Speak again',
  speakAll: 'Speak those that are chosen',
  speaking: (spoken, all) =>
    `A voice is speaking: ${spoken} of ${all} are done. This page updates by itself.`,
  recorded: 'A person has recorded this one.',
  voice: language => `Voice, ${language}`,
} satisfies Words['linePrompts']
