import type { Words } from '../shape.js'

export const filter = {
  find: 'Find',
  all: 'Show all',
  found: (shown, all) => `${shown} of ${all}`,
  none: 'Nothing is like this.',
  prompts: 'Find by words or name',
  anyLanguage: 'Any language',
  anyRole: 'Any place',
  roles: {
    disclosure: 'First prompt',
    question: 'Question',
    granted: 'After a yes',
    refused: 'After a no',
    system: 'In every line',
  },
  anyState: 'Any state',
  people: 'Find by name',
  anyPersonRole: 'Any role',
} satisfies Words['filter']
