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
  invitedUntil: 'the link is valid until',
  invite: 'Invite a person',
  nameHint: 'Small Latin letters, digits, dots and hyphens.',
  send: 'Make a link',
  change: 'Change',
  save: 'Save roles',
  disable: 'Disable',
  enable: 'Enable',
  reset: 'Reset access',
  resetDo: 'Reset the access',
  resetAsks: name =>
    `Passphrase, second factor, passkeys, recovery codes and all sessions of ${name} go, and ${name} needs a new link to get in. This cannot be undone.`,
  own: 'Another administrator changes your own roles and access.',
  rules: 'Rules',
  rulesAccepted: 'acknowledged',
  rulesWaiting: 'not acknowledged',
  training: 'Training',
  noTraining: 'none recorded',
  trained: 'Record a training',
  what: 'Which training',
  whatHint: 'Such as "How to treat recordings, first course".',
  on: 'Day',
  record: 'Record',
  linkTitle: 'The link is ready',
  linkHint: name =>
    `Hand it to ${name} so that nobody else sees it. It is shown only now, and is valid until:`,
  back: 'To people',
} satisfies Words['people']
