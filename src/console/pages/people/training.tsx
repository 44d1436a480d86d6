import type { UserSummary } from '../../../accounts/users.js'
import { TextField, Wrong } from '../parts/fields.js'
import { Day, Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** The credentials of a person, in words. */
function factorsIn({ passphrase, code, passkeys }: UserSummary['factors'], words: Words['passkeys']): string {
  const ways = [
    ...(passphrase ? [code ? words.byPassphraseAndCode : words.byPassphrase] : []),
    ...(passkeys > 0 ? [words.byKeys(passkeys)] : []),
  ]
  return ways.join(', ') || words.byNothing
}

/** The credentials of a person, whether they have acknowledged the rules, and their training. */
export const Preparation = ({
  user: { acknowledgedAt, training, factors },
  words: { people, passkeys },
  view,
}: {
  user: UserSummary
  words: Words
  view: View
}) => (
  <dl class="facts">
    <dt>{passkeys.by}</dt>
    <dd>{factorsIn(factors, passkeys)}</dd>
    <dt>{people.rules}</dt>
    <dd>
      {acknowledgedAt ? (
        <>
          {people.rulesAccepted} <Moment at={acknowledgedAt} view={view} />
        </>
      ) : (
        people.rulesWaiting
      )}
    </dd>
    <dt>{people.training}</dt>
    <dd>
      {training ? (
        <>
          {training.what}, <Day on={training.on} view={view} />
        </>
      ) : (
        people.noTraining
      )}
    </dd>
  </dl>
)

/** A refused training, as typed, and why. */
export interface TypedTraining {
  /** Of the person. */
  name: string
  what: string
  on: string
  wrong: string
}

/** A form that records a training. */
export const RecordTraining = ({
  user: { name },
  words: { people, problem },
  today,
  typed,
}: {
  user: UserSummary
  words: Words
  today: string
  typed: TypedTraining | undefined
}) => (
  <details open={typed !== undefined}>
    <summary>{people.trained}</summary>
    <form
      method="post"
      action={`/people/${encodeURIComponent(name)}/training`}
      class="stack edit"
      aria-label={`${people.trained}: ${name}`}
    >
      <Wrong why={typed && problem.told(typed.wrong)} />
      <TextField
        id={`what-${name}`}
        name="what"
        label={people.what}
        hint={people.whatHint}
        input={{ required: true, maxLength: 500, autocomplete: 'off', value: typed?.what }}
      />
      <TextField
        id={`on-${name}`}
        name="on"
        label={people.on}
        input={{ type: 'date', required: true, value: typed?.on ?? today, max: today }}
      />
      <div>
        <button class="button" type="submit">
          {people.record}
        </button>
      </div>
    </form>
  </details>
)
