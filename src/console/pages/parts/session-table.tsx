import type { ComponentChildren } from 'preact'
import type { SessionSummary } from '../../../accounts/sessions.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'
import { Moment } from './moment.js'

/** Open sessions, each with its button to end it. */
export const SessionTable = ({
  sessions,
  words: { me },
  view,
  endOf,
}: {
  sessions: readonly SessionSummary[]
  words: Words
  view: View
  endOf(session: SessionSummary): ComponentChildren
}) => (
  <table class="table">
    <thead>
      <tr>
        <th scope="col">{me.address}</th>
        <th scope="col">{me.signedIn}</th>
        <th scope="col">{me.seen}</th>
        <th scope="col" class="end">
          <span class="unseen">{me.end}</span>
        </th>
      </tr>
    </thead>
    <tbody>
      {sessions.map(session => (
        <tr key={session.id}>
          <td>
            {session.address} {session.own && <span class="tag granted">{me.thisOne}</span>}
          </td>
          <td data-label={me.signedIn}>
            <Moment at={session.signedInAt} view={view} />
          </td>
          <td data-label={me.seen}>
            <Moment at={session.seenAt} view={view} />
          </td>
          <td class="end">{endOf(session)}</td>
        </tr>
      ))}
    </tbody>
  </table>
)

/** Ends one session. @param action the address that its form is sent to */
export const EndSession = ({ action, label }: { action: string; label: string }) => (
  <form method="post" action={action}>
    <button class="button bare" type="submit">
      {label}
    </button>
  </form>
)
