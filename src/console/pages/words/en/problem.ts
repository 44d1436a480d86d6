import type { Words } from '../shape.js'
import { inWords } from './faults.js'

export const problem = {
  inWords,
  title: 'That did not work',
  toPage: 'Back to the page',
  back: 'Go to the first page',
  titles: {
    400: 'The request is malformed',
    401: 'Sign in first',
    403: 'This is not allowed',
    404: 'Page not found',
    409: 'This has changed meanwhile',
    413: 'The request is too large',
    415: 'The request is malformed',
    422: 'This cannot be done',
    429: 'Too many requests',
    500: 'The console failed',
    503: 'The database does not answer',
  },
  advice: {
    400: 'Go back and try again.',
    401: 'Sign in again.',
    403: 'Another role is needed, the approval of a second person, or the address of the console itself: the reason is below.',
    404: 'Check the address, or start from the first page.',
    409: 'This has changed since you opened it, or does not fit its state now: the reason is below. Look at it again.',
    413: 'Send less.',
    415: 'Go back and try again.',
    422: 'Correct what is named below and try again.',
    429: 'Wait a minute and try again.',
    500: 'The log of the console has an entry about it. Calls go on without the console.',
    503: 'Calls go on without the console. If you changed something, check whether it was done before you repeat it.',
  },
  doneBut: 'Done, with a warning',
  details: 'Details',
} satisfies Words['problem']
