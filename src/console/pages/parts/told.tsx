/** An address of a page of the console, as sentences name it. */
const ADDRESS = /(\/setup\/[a-z]+)/

/** A sentence of an operation. The pages that it names are links. */
export const Told = ({ words }: { words: string }) => (
  <>
    {words.split(ADDRESS).map((part, i) =>
      i % 2 === 1 ? (
        <a key={`${String(i)} ${part}`} href={part}>
          {part}
        </a>
      ) : (
        part
      ),
    )}
  </>
)
