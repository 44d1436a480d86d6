import { isChanger } from '../../../lines/approval.js'
import { ChangedValues } from '../groups/changed-values.js'
import { DecisionForm } from '../parts/decision-form.js'
import { Icon } from '../parts/icon.js'
import { Moment } from '../parts/moment.js'
import type { DraftContentProps } from './draft-content.js'

/** The subject of a second person's decision: the changes, before and after, and earlier comments. */
export const Approval = (props: DraftContentProps) => {
  const { draft, words, view } = props
  const { edit } = words
  return (
    <>
      {draft.refused && (
        <div class="note warn">
          <Icon name="warn" />
          <div class="stack tight">
            <p>
              {edit.refusedBy(draft.refused.by, draft.refused.revision)}{' '}
              <Moment at={draft.refused.at} view={view} />
            </p>
            <p class="written">{draft.refused.comment}</p>
          </div>
        </div>
      )}
      {draft.approved && draft.approvalComment && (
        <div class="note done">
          <Icon name="check" />
          <div class="stack tight">
            <p>{edit.approvedBy(draft.approved.by)}</p>
            <p class="written">{draft.approvalComment}</p>
          </div>
        </div>
      )}
      {draft.state === 'awaiting-approval' && (
        <section class="sheet stack decision" id="approval">
          <h2>{edit.decisionTitle}</h2>
          <p class="soft">{edit.askedBy(draft.changers.map(({ by }) => by))}</p>
          {draft.differences === null ? (
            draft.faults.length === 0 && <p>{edit.allNew}</p>
          ) : draft.differences.length === 0 ? (
            <p>{edit.onlySources}</p>
          ) : (
            <ChangedValues
              changes={draft.differences}
              words={words}
              heading={edit.field}
              nothing={edit.nothing}
            />
          )}
          <Decide {...props} />
        </section>
      )}
    </>
  )
}

const Decide = ({ draft, words, visitor, comment }: DraftContentProps) => {
  if (!visitor.mayChange) return null
  if (isChanger(draft.changers, visitor.name)) return <small class="soft">{words.edit.approvalHint}</small>
  return (
    <DecisionForm
      {...{ words, comment }}
      address={`/drafts/${draft.id}`}
      fields={{ revision: draft.revision }}
      approve={draft.faults.length === 0 ? words.edit.approve : undefined}
    />
  )
}
