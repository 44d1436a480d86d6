import type { SessionSummary } from '../../../operations/people/sessions.js'
import { PassphraseField, Wrong } from '../parts/fields.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** Where the visitor is signed in, with a button to end each session. */
export const Sessions = ({
  sessions,
  words: { me },
  view,
}: {
  sessions: SessionSummary[]
  words: Words
  view: View
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
            <td>
              <Moment at={signedInAt} view={view} />
            </td>
            <td>
              <Moment at={seenAt} view={view} />
            </td>
            <td class="end">
              {own ? (
                <SignOut label={me.signOut} />
              ) : (
                <form method="post" action={`/me/sessions/${id}/end`}>
                  <button class="button bare" type="submit">
                    {me.end}
                  </button>
                </form>
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

/** Changing the passphrase, and new recovery codes. */
export const AccountForms = ({ words: { me }, wrong }: { words: Words; wrong?: string | undefined }) => (
  <>
    <section class="sheet narrow">
      <h2>{me.passphrase}</h2>
      <form method="post" action="/me/passphrase" class="stack">
        <Wrong why={wrong} />
        <PassphraseField id="present" label={me.present} />
        <PassphraseField id="wanted" label={me.wanted} hint={me.wantedHint} fresh />
        <div>
          <button class="button" type="submit">
            {me.change}
          </button>
        </div>
      </form>
    </section>
    <section class="sheet narrow">
      <h2>{me.codes}</h2>
      <form method="post" action="/me/recovery-codes" class="stack">
        <p class="soft">{me.codesHint}</p>
        <PassphraseField id="codes-passphrase" name="passphrase" label={me.present} />
        <div>
          <button class="button" type="submit">
            {me.renew}
          </button>
        </div>
      </form>
    </section>
  </>
)
