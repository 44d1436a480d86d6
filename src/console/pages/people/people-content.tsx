import type { ComponentChildren } from 'preact'
import type { UserSummary } from '../../../accounts/users.js'
import { ROLES, type Role } from '../../../core/actor.js'
import type { Message } from '../../../core/message.js'
import { ConfirmFirst } from '../parts/confirm-first.js'
import { Confirmed } from '../parts/confirmed.js'
import { CopyButton } from '../parts/copy-button.js'
import { TextField, UserNameField, Wrong } from '../parts/fields.js'
import { Filter, FilterChoice, matches } from '../parts/filter.js'
import { Day, Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

export interface PeopleContentProps {
  users: UserSummary[]
  words: Words
  view: View
  /** True if the visitor may change people. */
  mayChange: boolean
  /** True if the visitor must prove their identity before they change people. */
  stale: boolean
  /** The visitor's own name. */
  own: string
  /** Today, `YYYY-MM-DD`. */
  today: string
  /** The filter of the list. */
  query: PeopleQuery
  /** The refused input, as typed. */
  invitation?: TypedInvitation | undefined
  training?: TypedTraining | undefined
}

/** The query of the page. */
export interface PeopleQuery {
  /** A part of the name. */
  find?: string | undefined
  role?: Role | undefined
  state?: UserSummary['state'] | undefined
}

/** The refused input of the page. */
export type TypedOfPeople = Pick<PeopleContentProps, 'invitation' | 'training'>

/** The refused input of an invitation, and the fault. */
export interface TypedInvitation {
  name: string
  roles: readonly Role[]
  wrong: Message
}

const TAG = { active: 'granted', invited: 'silent', disabled: 'abandoned' } as const

/** The people who sign in, and a form to invite one. */
export const PeopleContent = ({
  users,
  words,
  view,
  mayChange,
  stale,
  own,
  today,
  query,
  invitation,
  training,
}: PeopleContentProps) => {
  const shown = users.filter(
    ({ name, roles, state }) =>
      matches(query.find, name) &&
      (!query.role || roles.includes(query.role)) &&
      (!query.state || state === query.state),
  )
  return (
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
        {stale && <ConfirmFirst words={words} page="/people" />}
        <section class="sheet">
          <Filter
            {...{ address: '/people', typed: query.find, words, label: words.filter.people }}
            found={{ shown: shown.length, all: users.length }}
            narrowed={isNarrowed(query)}
          >
            <FilterChoice
              name="role"
              label={words.filter.anyPersonRole}
              options={words.roles}
              value={query.role}
            />
            <FilterChoice
              name="state"
              label={words.filter.anyState}
              options={words.people.states}
              value={query.state}
            />
          </Filter>
          {shown.length === 0 && <p class="empty">{words.filter.none}</p>}
          <ul class="people">
            {shown.map(user => (
              <Person key={user.name} {...{ user, words, view, mayChange, own, today, training }} />
            ))}
          </ul>
        </section>
        {mayChange && <Invite words={words} typed={invitation} />}
      </div>
    </>
  )
}

const isNarrowed = ({ find, role, state }: PeopleQuery): boolean => Boolean(find || role || state)

/** A row: the person and their preparation, and the possible changes, which unfold below. */
const Person = ({
  user,
  words,
  view,
  mayChange,
  own,
  today,
  training,
}: Pick<PeopleContentProps, 'words' | 'view' | 'mayChange' | 'own' | 'today' | 'training'> & {
  user: UserSummary
}) => {
  const { people } = words
  const typed = training?.name === user.name ? training : undefined
  const sessions = people.sessions(user.sessions)
  return (
    <li>
      <div class="who-is">
        <b>{user.name}</b> <span class={`tag ${TAG[user.state]}`}>{people.states[user.state]}</span>
        <div class="soft">{user.roles.map(role => words.roles[role]).join(', ')}</div>
        {user.invitedUntil && (
          <small class="soft">
            {people.invitedUntil} <Moment at={user.invitedUntil} view={view} />
          </small>
        )}
        {user.sessions > 0 && (
          <small>
            {mayChange ? (
              <a href={`/people/${encodeURIComponent(user.name)}/sessions`}>{sessions}</a>
            ) : (
              sessions
            )}
          </small>
        )}
      </div>
      <Preparation user={user} words={words} view={view} />
      {mayChange && user.name === own && (
        <div class="deeds-of">
          <RecordTraining {...{ user, words, today, typed }} />
          <small class="faint">{people.own}</small>
        </div>
      )}
      {mayChange && user.name !== own && (
        <Change user={user} words={words} open={typed !== undefined}>
          <RecordTraining {...{ user, words, today, typed }} />
        </Change>
      )}
    </li>
  )
}

const Invite = ({ words, typed }: { words: Words; typed: TypedInvitation | undefined }) => (
  <section class="sheet narrow">
    <h2>{words.people.invite}</h2>
    <form method="post" action="/people" class="stack">
      <Wrong why={typed && words.problem.inWords(typed.wrong)} />
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

const Change = ({
  user,
  words,
  open,
  children,
}: {
  user: UserSummary
  words: Words
  open: boolean
  children: ComponentChildren
}) => {
  const { people } = words
  const address = `/people/${encodeURIComponent(user.name)}`
  return (
    <details class="deeds-of" open={open}>
      <summary>
        {people.change}
        <span class="unseen">: {user.name}</span>
      </summary>
      <div class="stack edit">
        {children}
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

/** A link, which is shown only once. */
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

/** The credentials of a person, in words. */
function factorsIn({ passphrase, code, passkeys }: UserSummary['factors'], words: Words['passkeys']): string {
  const ways = [
    ...(passphrase ? [code ? words.byPassphraseAndCode : words.byPassphrase] : []),
    ...(passkeys > 0 ? [words.byKeys(passkeys)] : []),
  ]
  return ways.join(', ') || words.byNothing
}

/** The credentials of a person, whether they have acknowledged the rules, and their training. */
const Preparation = ({
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
interface TypedTraining {
  /** Of the person. */
  name: string
  what: string
  on: string
  wrong: Message
}

/** A form that records a training. */
const RecordTraining = ({
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
      <Wrong why={typed && problem.inWords(typed.wrong)} />
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
