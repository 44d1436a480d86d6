import { momentText } from '../../lib/documents/moments.js'
import { counted } from '../../lib/plural.js'
import { BY_HAND, type NoticeWords } from './notice-words.js'

/** The minimum content of a notification to the supervisory authority (GDPR, Article 33(3)). */
export const en: NoticeWords = {
  title: number => `Notification of incident No. ${number}`,
  number: number => `Incident No. ${number}`,
  taxId: 'Registration number',
  operator: 'Controller: name, address, number',
  place: 'Place',
  position: 'position',
  signature: 'signature',
  name: 'full name',
  notices: ({ incident, officer, purposes, from, to, destroyed }) => {
    const moment = (at: Date) => momentText(at, 'en')
    return [
      {
        title: 'NOTIFICATION OF A PERSONAL DATA BREACH',
        what: 'to the supervisory authority',
        form: 'Article 33 of Regulation (EU) 2016/679 (GDPR)',
        dueLabel: 'To be sent within 72 hours of becoming aware of the breach, by',
        clock: 'result',
        rows: [
          ['When the controller became aware of the breach', moment(incident.noticedAt)],
          ['Nature of the breach (a)', incident.what],
          [
            'Categories and approximate number of data subjects (a)',
            `${counted(incident.persons, 'caller', 'callers')} of the controller.`,
          ],
          [
            'Categories and approximate number of records (a)',
            `The caller's voice and what the caller said in a telephone conversation (audio recordings, stored encrypted), telephone number, date and time. ${counted(incident.recordings, 'recording', 'recordings')} of ${counted(incident.calls, 'call', 'calls')} between ${moment(from)} and ${moment(to)}. Purposes: ${purposes}.${destroyed > 0 ? ` Destroyed by now: ${destroyed}.` : ''}`,
          ],
          ['Data protection officer or other contact point (b)', officer],
          ['Likely consequences of the breach (c)', BY_HAND],
          ['Measures taken or proposed, also to mitigate its adverse effects (d)', BY_HAND],
          ['If later than 72 hours: reasons for the delay (paragraph 1)', BY_HAND],
          ['What will be provided later, in phases (paragraph 4)', BY_HAND],
          ['Whether the data subjects are told, and how (Article 34)', BY_HAND],
        ],
      },
    ]
  },
}
