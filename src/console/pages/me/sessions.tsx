import type { SessionSummary } from '../../../accounts/sessions.js'
import { EndSession, SessionTable } from '../parts/session-table.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** The visitor's sessions, with a button to end each. `mayEnd`: after a fresh proof also the others. */
export const Sessions = ({
  sessions,
  words,
  words: { me },
  view,
  mayEnd,
}: {
  sessions: SessionSummary[]
  words: Words
  view: View
  mayEnd: boolean
}) => (
  <section class="sheet">
    <h2>{me.sessions}</h2>
    <SessionTable
      {...{ sessions, words, view }}
      endOf={({ id, own }) => {
        if (own) return <SignOut label={me.signOut} />
        return mayEnd ? (
          <EndSession action={`/me/sessions/${id}/end`} label={me.end} />
        ) : (
          <a href="#confirm">{me.end}</a>
        )
      }}
    />
  </section>
)

const SignOut = ({ label }: { label: string }) => (
  <form method="post" action="/sign-out">
    <button class="button" type="submit">
      {label}
    </button>
  </form>
)
