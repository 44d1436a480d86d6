/** A line's number, which leads to its page, and what the line is called. */
export const LineLink = ({ number, name }: { number: string; name: string | undefined }) => (
  <span>
    <a class="number" href={`/lines/${encodeURIComponent(number)}`}>
      {number}
    </a>
    {name !== undefined && <span class="soft"> · {name}</span>}
  </span>
)
