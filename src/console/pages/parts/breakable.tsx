import { Fragment } from 'preact'

/** A text in which long names such as CONSENTRY_RING_ENDPOINTS may break after their underscores, on narrow screens. */
export const Breakable = ({ text }: { text: string }) => (
  <>
    {text.split(/(?<=_)/).map((part, i) => (
      <Fragment key={`${i} ${part}`}>
        {i > 0 && <wbr />}
        {part}
      </Fragment>
    ))}
  </>
)
