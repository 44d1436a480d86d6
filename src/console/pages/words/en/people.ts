import { counted } from '../../../../shared/plural.js'
import type { Words } from '../shape.js'

export const people = {
  title: 'People',
  lead: 'Who signs in to the console, and what they may do. A new person gets a link, and chooses the passphrase.',
  name: 'Name',
  roles: 'Roles',
  state: 'State',
  states: { active: 'signs in', invited: 'invited', disabled: 'disabled' },
  sessions: count => counted(count, 'session', 'sessions'),
  invite: 'Invite a person',
  nameHint: 'Small Latin letters, digits, dots and hyphens.',
  send: 'Make a link',
  change: 'Change',
  save: 'Save roles',
  disable: 'Disable',
  enable: 'Enable',
  reset: 'Reset access',
  resetHint: 'Passphrase, second factor and all sessions go. The person gets a new link.',
  own: 'Another administrator changes your own roles and access.',
  linkTitle: 'The link is ready',
  linkHint: name =>
    `Hand it to ${name} so that nobody else sees it. It is shown only now, and is valid until:`,
  back: 'To people',
} satisfies Words['people']
