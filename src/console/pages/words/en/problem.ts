import type { Words } from '../shape.js'

export const problem = {
  title: 'That did not work',
  back: 'To the first page',
  titles: {
    400: 'The request is malformed',
    403: 'Your role does not allow this',
    404: 'There is nothing here',
    422: 'This cannot be done',
    429: 'Too many requests',
    500: 'The console failed',
    503: 'The database does not answer',
  },
  advice: {
    400: 'Go back and try again.',
    403: 'An administrator gives roles, in People.',
    404: 'Check the address, or start from the first page.',
    422: 'Mend what is named and try again.',
    429: 'Wait a minute and try again.',
    500: 'The log of the console has an entry about it. Calls go on without the console.',
    503: 'Calls go on without the console. If you changed something, look whether it was done before you repeat it.',
  },
  details: 'Details',
} satisfies Words['problem']
