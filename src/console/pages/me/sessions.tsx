import type { SessionSummary } from '../../../operations/people/sessions.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** Where the visitor is signed in, with a button to end each session. `mayEnd`: after a fresh proof also the others. */
export const Sessions = ({
  sessions,
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
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{me.address}</th>
          <th scope="col">{me.signedIn}</th>
          <th scope="col">{me.seen}</th>
          <th scope="col" class="end">
            {me.end}
          </th>
        </tr>
      </thead>
      <tbody>
        {sessions.map(({ id, address, signedInAt, seenAt, own }) => (
          <tr key={id}>
            <td>
              {address} {own && <span class="tag granted">{me.thisOne}</span>}
            </td>
            <td data-label={me.signedIn}>
              <Moment at={signedInAt} view={view} />
            </td>
            <td data-label={me.seen}>
              <Moment at={seenAt} view={view} />
            </td>
            <td class="end">
              {own ? (
                <SignOut label={me.signOut} />
              ) : mayEnd ? (
                <form method="post" action={`/me/sessions/${id}/end`}>
                  <button class="button bare" type="submit">
                    {me.end}
                  </button>
                </form>
              ) : (
                <a href="#confirm">{me.end}</a>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)

const SignOut = ({ label }: { label: string }) => (
  <form method="post" action="/sign-out">
    <button class="button" type="submit">
      {label}
    </button>
  </form>
)
