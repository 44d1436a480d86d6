import type { Words } from '../shape.js'

export const setup = {
  title: 'The first sign-in',
  lead: 'Nobody is here yet. The first person gets every role, and gives them to others later.',
  secret: 'What follows # in the address',
  name: 'Your name to sign in',
  next: 'Next',
  wrong: {
    address:
      'This address is not valid any more: it is older than 30 minutes, the console was restarted, or somebody has got in. Restart the service, or add a person with consentry user add.',
    name: 'This name cannot be: begin with a small Latin letter, then letters, digits, dots and hyphens.',
  },
  missing: {
    line: 'There is no line yet: without one nobody is asked for consent.',
    lineDo: 'Make a line',
    keys: 'There are no keys yet: without them nothing is recorded. consentry keygen makes them.',
    company: 'The prompts still name the example company. CONSENTRY_OPERATOR says the name.',
  },
} satisfies Words['setup']
