import { english } from '../../../core/message.js'
import { isChanger } from '../../../lines/approval.js'
import { describeDifferences } from '../../../lines/line-versions.js'
import { Confirmed } from '../parts/confirmed.js'
import { TextField } from '../parts/fields.js'
import { Moment } from '../parts/moment.js'
import type { Words } from '../words/words.js'
import { type DraftContentProps, isPublishable } from './draft-content.js'

/** The changes, and the possible steps to publication. */
export const PublishBar = (props: DraftContentProps & { ended: boolean }) => {
  const { draft, words, view, ended, visitor } = props
  const { edit } = words
  const sentences = describeDifferences(draft.differences ?? [], view.language)
  return (
    <section class="publish no-print">
      <div class="summary">
        {ended && <p>{edit.ends(draft.state)}</p>}
        {!ended && draft.faults.length > 0 && <Faults draft={draft} words={words} />}
        {!ended && draft.faults.length === 0 && (
          <Folded title={summaryOf(draft, sentences.length, words)} sentences={sentences} />
        )}
        {draft.approved && (
          <p>
            <small class="soft">{edit.approvedBy(draft.approved.by)}</small>
          </p>
        )}
        {draft.scheduled && (
          <p>
            <small class="soft">
              {edit.scheduledAt} <Moment at={draft.scheduled.at} view={view} />
            </small>
          </p>
        )}
      </div>
      {ended && (
        <a class="button" href={isNowhere(draft) ? '/lines' : `/lines/${encodeURIComponent(draft.line)}`}>
          {isNowhere(draft) ? words.lines.title : edit.toLine}
        </a>
      )}
      {!ended && visitor.mayChange && <Steps {...props} />}
    </section>
  )
}

/** Sentences below a title. Without sentences nothing unfolds. */
const Folded = ({ title, sentences }: { title: string; sentences: readonly string[] }) =>
  sentences.length === 0 ? (
    <p>{title}</p>
  ) : (
    <details>
      <summary>{title}</summary>
      <ul>
        {sentences.map(sentence => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </details>
  )

/** All faults, each with its field, including fields that the page does not show. */
const Faults = ({ draft: { faults }, words: { edit } }: Pick<DraftContentProps, 'draft' | 'words'>) => (
  <details>
    <summary class="wrong">{edit.wrong(faults.length)}</summary>
    <ul>
      {faults.map(({ field, text }) => (
        <li key={`${field} ${english(text)}`}>
          <a href={`#value-${field}`}>{edit.faultField(field)}</a>: {edit.fault(text)}
        </li>
      ))}
    </ul>
  </details>
)

/** True if the number may not be a line yet. */
const isNowhere = ({ base, state }: DraftContentProps['draft']): boolean =>
  base === 0 && state === 'discarded'

/** The extent of the draft's changes. */
function summaryOf(
  { base, changesNothing }: DraftContentProps['draft'],
  changes: number,
  { edit }: Words,
): string {
  if (base === 0) return edit.basedOn(0)
  if (changesNothing) return edit.noChanges
  return changes === 0 ? edit.onlySources : edit.changes(changes)
}

const Steps = ({ draft, words, view, visitor, time, open }: DraftContentProps) => {
  const { edit } = words
  const valid = isPublishable(draft)
  const needsApproval = visitor.approvalRequired && !draft.approved
  const mayPublish = valid && !needsApproval && !draft.outdated
  return (
    <>
      {draft.state !== 'scheduled' && (
        <Confirmed
          {...{ label: edit.discard, deed: edit.discardDo, words }}
          action={`/drafts/${draft.id}/discard`}
          fields={{ revision: draft.revision }}
        >
          <p>{edit.discardAsks(draft.base === 0 && !draft.outdated)}</p>
        </Confirmed>
      )}
      {draft.state === 'scheduled' && (
        <Step {...{ draft, step: 'cancel-schedule', label: edit.cancelSchedule, look: '' }} />
      )}
      {valid && needsApproval && draft.state === 'open' && (
        <Step {...{ draft, step: 'request-approval', label: edit.ask, look: 'main' }} />
      )}
      {valid && draft.state === 'awaiting-approval' && !isChanger(draft.changers, visitor.name) && (
        <a class={needsApproval ? 'button main' : 'button'} href="#approval">
          {edit.decide}
        </a>
      )}
      {mayPublish && draft.state !== 'scheduled' && (
        <>
          <details open={time !== undefined}>
            <summary>{edit.later}</summary>
            <form class="stack tight narrow" method="post" action={`/drafts/${draft.id}/schedule`}>
              <input type="hidden" name="revision" value={draft.revision} />
              <TextField
                id="publish-at"
                name="publishAt"
                label={edit.at}
                hint={edit.zone(view.zone ?? 'UTC')}
                wrong={time && words.problem.inWords(time.wrong)}
                input={{ type: 'datetime-local', required: true, value: time?.typed }}
              />
              <div>
                <button class="button" type="submit">
                  {edit.schedule}
                </button>
              </div>
            </form>
          </details>
          {/* While a value is being changed, Save is the main action. */}
          <Step {...{ draft, step: 'publish', label: edit.publish, look: open ? '' : 'main' }} />
        </>
      )}
    </>
  )
}

/** A button that takes one step with the revision that the page shows. */
const Step = ({
  draft,
  step,
  label,
  look,
}: {
  draft: DraftContentProps['draft']
  step: string
  label: string
  look: string
}) => (
  <form method="post" action={`/drafts/${draft.id}/${step}`}>
    <input type="hidden" name="revision" value={draft.revision} />
    <button class={`button ${look}`} type="submit">
      {label}
    </button>
  </form>
)
