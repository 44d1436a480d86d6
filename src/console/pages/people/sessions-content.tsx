import type { SessionSummary } from '../../../accounts/sessions.js'
import { EndSession, SessionTable } from '../parts/session-table.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** Another user's sessions, with a button to end each. */
export const SessionsContent = ({
  name,
  sessions,
  words,
  words: { people, me },
  view,
}: {
  name: string
  sessions: readonly SessionSummary[]
  words: Words
  view: View
}) => (
  <>
    <div class="head">
      <div>
        <p class="crumb">
          <a href="/people">{people.title}</a> / {name}
        </p>
        <h1>{people.sessionsOf(name)}</h1>
        <p class="lead">{people.sessionsLead}</p>
      </div>
    </div>
    <section class="sheet">
      {sessions.length === 0 ? (
        <p class="soft">{people.noSession}</p>
      ) : (
        <SessionTable
          {...{ sessions, words, view }}
          endOf={({ id }) => (
            <EndSession action={`/people/${encodeURIComponent(name)}/sessions/${id}/end`} label={me.end} />
          )}
        />
      )}
    </section>
  </>
)
