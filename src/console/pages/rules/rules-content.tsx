import type { OwnRules, RulesVersion } from '../../../accounts/rules.js'
import type { UserSummary } from '../../../accounts/users.js'
import type { Message } from '../../../core/message.js'
import { ConfirmFirst } from '../parts/confirm-first.js'
import { ConfirmedSubmit } from '../parts/confirmed.js'
import { TextAreaField, Wrong } from '../parts/fields.js'
import { Icon } from '../parts/icon.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** Most characters of rules. */
const LONGEST = 25_000
/** Characters of a version that are shown. */
const SHOWN = 8

/** Leads to rules that the visitor has not acknowledged. It is on every page. */
export const RulesNotice = ({ words: { rules } }: { words: Words }) => (
  <p class="note warn rules-notice no-print">
    <Icon name="info" />
    <span>
      {rules.notice} <a href="/rules">{rules.read}</a>
    </span>
  </p>
)

const Head = ({ words: { rules, people }, crumb }: { words: Words; crumb?: boolean }) => (
  <div class="head">
    <div>
      {crumb && (
        <p class="crumb">
          <a href="/people">{people.title}</a> / {rules.title}
        </p>
      )}
      <h1>{rules.title}</h1>
      <p class="lead">{rules.lead}</p>
    </div>
  </div>
)

/** The time and the author of a version's publication. */
const Published = ({
  version: { version, publishedAt, publishedBy },
  words: { rules },
  view,
}: {
  version: Pick<RulesVersion, 'version' | 'publishedAt' | 'publishedBy'>
  words: Words
  view: View
}) => (
  <p class="row soft">
    {rules.version} <code>{version.slice(0, SHOWN)}</code>
    <Moment at={publishedAt} view={view} />
    <span>{rules.by(publishedBy)}</span>
  </p>
)

/** The rules in force, with a form to acknowledge them. */
export const OwnRulesContent = ({
  own: { rules, acknowledgedAt },
  words,
  view,
}: {
  own: OwnRules
  words: Words
  view: View
}) => (
  <>
    <Head words={words} />
    {!rules ? (
      <p class="sheet empty">{words.rules.none}</p>
    ) : (
      <section class="sheet stack reading">
        <Published version={rules} words={words} view={view} />
        <p class="written">{rules.text}</p>
        {acknowledgedAt ? (
          <p class="note done">
            <Icon name="check" />
            <span>
              {words.rules.accepted} <Moment at={acknowledgedAt} view={view} />
            </span>
          </p>
        ) : (
          <form method="post" action="/rules/acknowledge">
            <input type="hidden" name="version" value={rules.version} />
            <button class="button main" type="submit">
              {words.rules.accept}
            </button>
          </form>
        )}
      </section>
    )}
  </>
)

/** The visitor's acknowledgement of the rules, on the page Me. */
export const OwnRulesSummary = ({ own, words, view }: { own: OwnRules; words: Words; view: View }) => (
  <section class="sheet narrow stack">
    <h2>{words.rules.own}</h2>
    {!own.rules ? (
      <p class="soft">{words.rules.none}</p>
    ) : (
      <>
        <p>
          {own.acknowledgedAt ? (
            <>
              {words.rules.accepted} <Moment at={own.acknowledgedAt} view={view} />
            </>
          ) : (
            words.rules.notAccepted
          )}
        </p>
        <p>
          <a class="button" href="/rules">
            {own.acknowledgedAt ? words.rules.open : words.rules.read}
          </a>
        </p>
      </>
    )}
  </section>
)

export interface RulesContentProps {
  /** The latest first. */
  versions: RulesVersion[]
  /** The people who may sign in. */
  users: UserSummary[]
  words: Words
  view: View
  mayPublish: boolean
  /** True if the visitor must prove their identity before they publish. */
  stale: boolean
  /** A refused text, and the fault. */
  refused: { text: string; wrong: Message } | undefined
}

/** The versions of the rules, the people who have not acknowledged the one in force, and a form for the next one. */
export const RulesContent = (props: RulesContentProps) => {
  const { versions, users, words, view, mayPublish, stale, refused } = props
  const [present, ...earlier] = versions
  return (
    <>
      <Head words={words} crumb />
      <div class="stack">
        {present ? (
          <section class="sheet stack reading">
            <Published version={present} words={words} view={view} />
            <p class="row">
              <span class="tag granted">{words.rules.inForce}</span>
              <span class="soft">{words.rules.acknowledged(present.acknowledged)}</span>
            </p>
            <p class="written">{present.text}</p>
          </section>
        ) : (
          <p class="sheet empty">{mayPublish ? words.rules.noneYet : words.rules.none}</p>
        )}
        {present && <Waiting users={users} words={words} />}
        {mayPublish && (
          <section class="sheet">
            <h2>{words.rules.publishTitle}</h2>
            {stale && <ConfirmFirst words={words} page="/people/rules" />}
            <form method="post" action="/people/rules" class="stack">
              <Wrong why={refused && words.problem.inWords(refused.wrong)} />
              <input type="hidden" name="seen" value={present?.version ?? ''} />
              <TextAreaField
                id="text"
                label={words.rules.text}
                hint={words.rules.textHint}
                value={refused?.text ?? present?.text ?? ''}
                maxLength={LONGEST}
                rows={12}
              />
              <ConfirmedSubmit {...{ label: words.rules.publish, deed: words.rules.publishDo, words }}>
                <p>{words.rules.publishAsks}</p>
              </ConfirmedSubmit>
            </form>
          </section>
        )}
        {earlier.length > 0 && <Earlier {...props} versions={earlier} />}
      </div>
    </>
  )
}

const Waiting = ({ users, words }: { users: UserSummary[]; words: Words }) => {
  const waiting = users.filter(({ state, acknowledgedAt }) => state !== 'disabled' && !acknowledgedAt)
  return (
    <section class="sheet">
      <h2>{words.rules.waiting}</h2>
      {waiting.length === 0 ? (
        <p class="soft">{words.rules.nobody}</p>
      ) : (
        <ul class="names">
          {waiting.map(({ name, state, roles }) => (
            <li key={name} class="row">
              <b>{name}</b>
              <span class="soft">{roles.map(role => words.roles[role]).join(', ')}</span>
              {state === 'invited' && <span class="tag silent">{words.people.states.invited}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const Earlier = ({ versions, words, view }: RulesContentProps) => (
  <section class="sheet">
    <h2>{words.rules.earlier}</h2>
    <ol class="versions">
      {versions.map(version => (
        <li key={`${version.version} ${version.publishedAt}`}>
          <Published version={version} words={words} view={view} />
          <details>
            <summary>{words.rules.text}</summary>
            <p class="written">{version.text}</p>
          </details>
        </li>
      ))}
    </ol>
  </section>
)
