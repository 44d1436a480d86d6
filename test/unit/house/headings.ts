/** The anchors of all headings in a document. */
export const headings = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!.toLowerCase().replaceAll('`', '').replaceAll(' ', '-'),
  )
