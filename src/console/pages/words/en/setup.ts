import type { Words } from '../shape.js'
import { steps } from './setup-steps.js'

export const setup = {
  title: 'The first sign-in',
  lead: 'Nobody is here yet. The first person gets every role, and gives them to others later.',
  isThere:
    'The first person is there already. Whoever has an account signs in; an administrator invites all others.',
  secret: 'What follows # in the address',
  yourName: 'Your name to sign in',
  next: 'Next',
  later: 'Leave for later',
  save: 'Save',
  wrong: {
    address:
      'This address is not valid any more: it is older than 30 minutes, the console was restarted, or somebody has got in. Restart the service, or add a person with consentry user add.',
    name: 'This name cannot be: begin with a letter, then letters, digits, dots and hyphens, all Latin or all Cyrillic.',
    company: 'This name of a company cannot be: at most 100 characters, no braces and no angle brackets.',
  },
  missing: {
    line: 'There is no line yet: without one nobody is asked for consent.',
    lineDo: 'Make a line',
    key: 'Some purpose has no key yet: without one nothing is recorded for it.',
    keyDo: 'Decide who can hear',
    company: 'The company has no name yet: prompts name the example company.',
    companyDo: 'Name the company',
    name: 'Callers still hear another company: prompts of a line in force do not say its name.',
    nameDo: 'See these prompts',
    pbxDo: 'Check the PBX',
  },
  ...steps,
} satisfies Words['setup']
