import type { Words } from '../shape.js'
import { steps } from './setup-steps.js'

export const setup = {
  title: 'First sign-in',
  lead: 'Nobody has signed in yet. The first person gets every role and can give roles to others later.',
  isThere:
    'Somebody has signed in already. If you have an account, sign in; otherwise ask an administrator for an invitation.',
  secret: 'What follows # in the address',
  yourName: 'Your name to sign in',
  trialInstead: 'This is a trial that real callers do not reach: it may do without a name.',
  next: 'Next',
  finish: 'Finish',
  later: 'Skip for now',
  save: 'Save',
  wrong: {
    address:
      'This address is no longer valid: it is older than 30 minutes, the console was restarted, or somebody has signed in. Restart the service, or add a person with consentry user add.',
    name: 'This name cannot be used: begin with a letter, then letters, digits, dots and hyphens, all Latin or all Cyrillic.',
    nameless: 'Callers hear who asks them: name the company, or tick below that this is a trial.',
  },
  missing: {
    line: 'There are no lines yet: without one, nobody is asked for consent.',
    lineDo: 'Make a line',
    key: 'A purpose has no key yet: without one, nothing is recorded for it.',
    keyDo: 'Decide who can hear',
    company: 'The company has no name yet: prompts name the example company.',
    companyDo: 'Name the company',
    name: 'Callers still hear another company name: prompts of a line in force do not say yours.',
    nameDo: 'See these prompts',
    pbxDo: 'Check the PBX',
  },
  ...steps,
} satisfies Words['setup']
