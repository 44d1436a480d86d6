/** A line's number, as a link to its page, and the line's name. */
export const LineLink = ({ number, name }: { number: string; name: string | undefined }) => (
  <span>
    <a class="number" href={`/lines/${encodeURIComponent(number)}`}>
      {number}
    </a>
    {name !== undefined && <span class="soft"> · {name}</span>}
  </span>
)
