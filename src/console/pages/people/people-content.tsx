import type { UserSummary } from '../../../operations/people/users.js'
import { ROLES, type Role } from '../../../shared/actor.js'
import { Confirmed } from '../parts/confirmed.js'
import { CopyButton } from '../parts/copy-button.js'
import { UserNameField, Wrong } from '../parts/fields.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'
import { Preparation, RecordTraining, type TypedTraining } from './training.js'

export interface PeopleContentProps {
  users: UserSummary[]
  words: Words
  view: View
  /** Whether the visitor may change people. */
  mayChange: boolean
  /** The visitor's own name. */
  own: string
  /** Today, `YYYY-MM-DD`. */
  today: string
  /** What was refused, as it was typed. */
  invitation?: TypedInvitation | undefined
  training?: TypedTraining | undefined
}

/** What was typed on the page and refused. */
export type TypedOfPeople = Pick<PeopleContentProps, 'invitation' | 'training'>

/** What was typed to invite a person, and why it was refused. */
export interface TypedInvitation {
  name: string
  roles: readonly Role[]
  wrong: string
}

const TAG = { active: 'granted', invited: 'silent', disabled: 'abandoned' } as const

/** The people who sign in, and a form to invite one. */
export const PeopleContent = ({
  users,
  words,
  view,
  mayChange,
  own,
  today,
  invitation,
  training,
}: PeopleContentProps) => (
  <>
    <div class="head">
      <div>
        <h1>{words.people.title}</h1>
        <p class="lead">{words.people.lead}</p>
      </div>
      <a class="button" href="/people/rules">
        {words.rules.manage}
      </a>
    </div>
    <div class="stack">
      <section class="sheet">
        <ul class="people">
          {users.map(user => (
            <li key={user.name}>
              <div class="row">
                <b>{user.name}</b>
                <span class={`tag ${TAG[user.state]}`}>{words.people.states[user.state]}</span>
                <span class="soft">{user.roles.map(role => words.roles[role]).join(', ')}</span>
                {user.invitedUntil && (
                  <span class="soft">
                    {words.people.invitedUntil} <Moment at={user.invitedUntil} view={view} />
                  </span>
                )}
                {user.sessions > 0 &&
                  (mayChange ? (
                    <a href={`/people/${encodeURIComponent(user.name)}/sessions`}>
                      {words.people.sessions(user.sessions)}
                    </a>
                  ) : (
                    <span class="faint">{words.people.sessions(user.sessions)}</span>
                  ))}
              </div>
              <Preparation user={user} words={words} view={view} />
              {mayChange && (
                <RecordTraining
                  {...{ user, words, today }}
                  typed={training?.name === user.name ? training : undefined}
                />
              )}
              {mayChange && user.name !== own && <Change user={user} words={words} />}
              {mayChange && user.name === own && <small class="faint">{words.people.own}</small>}
            </li>
          ))}
        </ul>
      </section>
      {mayChange && <Invite words={words} typed={invitation} />}
    </div>
  </>
)

const Invite = ({ words, typed }: { words: Words; typed: TypedInvitation | undefined }) => (
  <section class="sheet narrow">
    <h2>{words.people.invite}</h2>
    <form method="post" action="/people" class="stack">
      <Wrong why={typed && words.problem.told(typed.wrong)} />
      <UserNameField
        {...{ id: 'name', label: words.people.name, hint: words.people.nameHint, value: typed?.name }}
      />
      <RoleBoxes words={words} roles={typed?.roles ?? []} />
      <div>
        <button class="button main" type="submit">
          {words.people.send}
        </button>
      </div>
    </form>
  </section>
)

const RoleBoxes = ({ words, roles }: { words: Words; roles: readonly Role[] }) => (
  <fieldset class="field">
    <legend>{words.people.roles}</legend>
    {ROLES.map(role => (
      <label class="row" key={role}>
        <input type="checkbox" name="roles" value={role} checked={roles.includes(role)} />
        {words.roles[role]}
      </label>
    ))}
  </fieldset>
)

const Change = ({ user, words }: { user: UserSummary; words: Words }) => {
  const { people } = words
  const address = `/people/${encodeURIComponent(user.name)}`
  return (
    <details>
      <summary>{people.change}</summary>
      <div class="stack edit">
        <form method="post" action={`${address}/roles`} class="stack">
          {user.roles.map(role => (
            <input type="hidden" name="seen" value={role} key={role} />
          ))}
          <RoleBoxes words={words} roles={user.roles} />
          <div>
            <button class="button" type="submit">
              {people.save}
            </button>
          </div>
        </form>
        {user.state === 'disabled' ? (
          <form method="post" action={`${address}/enable`}>
            <button class="button" type="submit">
              {people.enable}
            </button>
          </form>
        ) : (
          <Confirmed
            {...{
              label: people.disable,
              deed: people.disableDo(user.name),
              action: `${address}/disable`,
              words,
            }}
          >
            <p>{people.disableAsks(user.name)}</p>
          </Confirmed>
        )}
        <Confirmed {...{ label: people.reset, deed: people.resetDo, action: `${address}/reset`, words }}>
          <p>{people.resetAsks(user.name)}</p>
        </Confirmed>
      </div>
    </details>
  )
}

/** A link, which nobody sees again. */
export const LinkContent = ({
  name,
  link,
  until,
  words,
  words: { people },
  view,
}: {
  name: string
  link: string
  until: string
  words: Words
  view: View
}) => (
  <section class="sheet stack">
    <h1>{people.linkTitle}</h1>
    <p>
      {people.linkHint(name)} <Moment at={until} view={view} />
    </p>
    <p>
      <code id="link">{link}</code>
    </p>
    <div class="row">
      <CopyButton of="link" words={words} />
      <a class="button" href="/people">
        {people.back}
      </a>
    </div>
  </section>
)
