import { counted } from '../../../../lib/plural.js'
import type { Words } from '../shape.js'

export const rules = {
  title: 'Rules',
  lead: 'The company’s rules for those who work with recordings. Nobody may listen to recordings before acknowledging the version in force.',
  notice: 'Rules are in force that you have not acknowledged yet.',
  read: 'Read and acknowledge',
  none: 'There are no rules yet. An administrator publishes them.',
  noneYet: 'There are no rules yet. Write them below: everybody acknowledges them at the next visit.',
  accept: 'I have read them and will keep them',
  accepted: 'Acknowledged:',
  notAccepted: 'Not acknowledged yet.',
  own: 'Company rules',
  open: 'Open the rules',
  version: 'Version',
  by: name => `published by ${name}`,
  inForce: 'in force',
  acknowledged: count => `acknowledged by ${counted(count, 'person', 'people')}`,
  waiting: 'Who has not acknowledged yet',
  nobody: 'Everybody has acknowledged the version in force.',
  publishTitle: 'A new version',
  text: 'Text of the rules',
  textHint: 'A new version is in force at once. Everybody must acknowledge it again.',
  publish: 'Publish',
  publishDo: 'Publish these rules',
  publishAsks:
    'They are in force at once, and everybody has to acknowledge them again. This cannot be undone, but you can publish the previous text again.',
  earlier: 'Earlier versions',
  manage: 'Company rules',
} satisfies Words['rules']
