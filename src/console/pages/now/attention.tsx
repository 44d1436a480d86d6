import type { ComponentChildren } from 'preact'
import type { Message } from '../../../core/message.js'
import type { DraftSummary } from '../../../lines/drafts/show-draft.js'
import { faultsOf } from '../../service-state.js'
import { Icon } from '../parts/icon.js'
import { LineLink } from '../parts/line-link.js'
import { Moment } from '../parts/moment.js'
import type { NowContentProps } from './now-content.js'

/** Most lines that an entry names. */
const MAX_LINES = 20

/** The operator's tasks: faults, unfinished setup, pending decisions, alarms. */
export const Attention = (props: NowContentProps) => {
  const { present, service, missing, recordable, attention, mayChange, words } = props
  const { now } = words
  const { untrue, vague, approvals, failures, proposals, prompts, heardElsewhere } = attention
  const waiting = mayChange ? [...approvals, ...failures, ...proposals, ...prompts] : []
  const inaccurate = [...untrue, ...vague, ...(heardElsewhere ? [heardElsewhere] : [])]
  // All lines are in a mode that never asks or records.
  const idle = recordable === 'none' && !missing.includes('line') && !missing.includes('key')
  const entries = [
    ...faultsOf(service),
    ...missing,
    ...(idle ? [now.nothing] : []),
    ...inaccurate,
    ...waiting,
    ...present.alarms,
  ]
  return (
    <ul class="attention" id="now-attention">
      {service.running && entries.length === 0 && (
        <li class="note done">
          <Icon name="check" />
          <span>{now.quiet}</span>
        </li>
      )}
      {!service.running && (
        <li class="note wrong">
          <Icon name="warn" />
          <span>{now.awayAdvice}</span>
        </li>
      )}
      {faultsOf(service).map(part => (
        <Entry kind="wrong" key={part}>
          <p>{now.broken(now.part(part))}</p>
          {mayChange && part === 'pbx' && <a href="/setup/pbx">{words.setup.missing.pbxDo}</a>}
        </Entry>
      ))}
      <Missing {...props} />
      {idle && (
        <Entry kind="info">
          <p>{now.idle}</p>
          <a href="/lines">{words.lines.title}</a>
        </Entry>
      )}
      {untrue.length > 0 && <LinesToHear {...props} advice={now.untrue} numbers={untrue} />}
      {vague.length > 0 && <LinesToHear {...props} advice={now.vague} numbers={vague} />}
      {heardElsewhere && (
        <Entry kind="warn">
          <p>{now.heardElsewhere(heardElsewhere.callers, heardElsewhere.dueOn)}</p>
          <code>consentry rights list</code>
        </Entry>
      )}
      {mayChange && <Waiting {...props} />}
      <Alarms {...props} />
    </ul>
  )
}

/** The open steps of the setup. */
const Missing = ({ missing, mayChange, words }: NowContentProps) => (
  <>
    {' '}
    {missing.map(what => (
      <Entry kind="info" key={what}>
        <p>{words.setup.missing[what]}</p>
        {mayChange && (
          <a href={`/setup/${what === 'name' ? 'company' : what}`}>{words.setup.missing[`${what}Do`]}</a>
        )}
      </Entry>
    ))}
  </>
)

/** The alarms, each with its call. */
const Alarms = ({ present, attention: { names }, words, words: { now }, view }: NowContentProps) => {
  const lineOf = (number: string | null) =>
    number === null ? now.noLine : words.line.named(number, names.get(number))
  return (
    <>
      {' '}
      {present.alarms.map(({ alarm, detail, at, call }) => (
        <Entry kind="warn" key={`${alarm} ${call?.id} ${at.toISOString()}`}>
          <b>{now.alarms[alarm]}</b>
          {call && (
            <p>
              {now.ofCall(lineOf(call.line), call.caller ?? now.noNumber)} <code>{call.id}</code>
            </p>
          )}
          <AlarmMeaning meaning={now.meaning(alarm)} detail={detail} more={words.problem.details} />
          <small class="soft">
            <Moment at={at.toISOString()} view={view} />
          </small>
        </Entry>
      ))}
    </>
  )
}

const Entry = ({ kind, children }: { kind: 'wrong' | 'warn' | 'info'; children: ComponentChildren }) => (
  <li class={kind === 'info' ? 'note' : `note ${kind}`}>
    <Icon name={kind === 'info' ? 'info' : 'warn'} />
    <div>{children}</div>
  </li>
)

/** Lines whose prompts an operator should check. */
const LinesToHear = ({
  advice,
  numbers,
  words,
  attention: { names },
}: NowContentProps & { advice: string; numbers: readonly string[] }) => (
  <Entry kind="warn">
    <p>{advice}</p>
    <p class="row">
      {numbers.slice(0, MAX_LINES).map(number => (
        <LineLink key={number} number={number} name={names.get(number)} />
      ))}
      {numbers.length > MAX_LINES && <a href="/lines">{words.now.more(numbers.length - MAX_LINES)}</a>}
    </p>
  </Entry>
)

/** Drafts, and changes of groups and prompts, that need an administrator. */
const Waiting = ({
  attention: { approvals, failures, proposals, prompts, names },
  words,
  view,
}: NowContentProps) => {
  const { now, problem } = words
  const lineOf = ({ line, name }: DraftSummary) => words.line.named(line, name ?? names.get(line))
  return (
    <>
      {approvals.map(draft => (
        <Entry kind="info" key={`approve ${draft.id}`}>
          <p>{now.draftWaits(lineOf(draft), draft.changed.by)}</p>
          <a href={`/drafts/${draft.id}`}>{now.openDraft}</a>
        </Entry>
      ))}
      {proposals.map(({ id, name, by, outdated }) => (
        <Entry kind={outdated ? 'warn' : 'info'} key={id}>
          <p>{outdated ? now.groupOutdated(name, by) : now.groupWaits(name, by)}</p>
          <a href={`/lines/groups/${encodeURIComponent(name)}`}>{now.openGroup}</a>
        </Entry>
      ))}
      {prompts.length > 0 && (
        <Entry kind="info">
          <p>{words.prompts.waiting}</p>
          <p class="row">
            {prompts.slice(0, MAX_LINES).map(({ id, name, language }) => (
              <a key={id} href={`/prompts/${name}/${language}#approval`}>
                {name}, {words.edit.language(language)}
              </a>
            ))}
            {prompts.length > MAX_LINES && <a href="/prompts">{now.more(prompts.length - MAX_LINES)}</a>}
          </p>
        </Entry>
      )}
      {failures.map(draft => (
        <Entry kind="wrong" key={`failed ${draft.id}`}>
          <p>{now.notPublished(lineOf(draft))}</p>
          <Failure failure={draft.failure} more={problem.details} inWords={problem.inWords} view={view} />
          <a href={`/drafts/${draft.id}`}>{now.openDraft}</a>
        </Entry>
      ))}
    </>
  )
}

const Failure = ({
  failure,
  more,
  inWords,
  view,
}: Pick<DraftSummary, 'failure'> &
  Pick<NowContentProps, 'view'> & { more: string; inWords: (reason: Message) => string }) =>
  failure && (
    <>
      <details>
        <summary>{more}</summary>
        <p class="written">{inWords(failure.reason)}</p>
      </details>
      <p>
        <small class="soft">
          <Moment at={failure.at} view={view} />
        </small>
      </p>
    </>
  )

/** An alarm's meaning, with the service's own words folded below, or these alone. */
const AlarmMeaning = ({
  meaning,
  detail,
  more,
}: {
  meaning: string | undefined
  detail: string
  more: string
}) =>
  meaning ? (
    <>
      <p>{meaning}</p>
      <details>
        <summary>{more}</summary>
        <p lang="en">{detail}</p>
      </details>
    </>
  ) : (
    <p lang="en">{detail}</p>
  )
