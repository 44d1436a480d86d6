/** Strokes on a field of 24 × 24. */
const STROKES = {
  now: 'M3 12.5h4.5L10 6l4 12 2.500-5.500H21',
  lines: 'M4 7h10m4 0h2M4 12h2m4 0h10M4 17h8m4 0h4M16 5v4M8 10v4M14 15v4',
  prompts: 'M4.500 5h15v11h-9.500l-5.500 4V5Zm4 4h7m-7 3h4.500',
  people:
    'M9 11a3.300 3.300 0 1 0 0-6.600A3.300 3.300 0 0 0 9 11Zm-6 8c.6-3 2.900-4.600 6-4.600s5.400 1.600 6 4.600m1-14.300a3.200 3.200 0 0 1 0 6.100m2 3.800c1.700.7 2.700 2.100 3 4.400',
  system: 'M4.500 5h15v5.500h-15zm0 8.500h15V19h-15zM8 7.800h.1M8 16.200h.1',
  me: 'M12 11.500a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.800 20c.7-3.700 3.500-5.500 7.200-5.500s6.500 1.800 7.200 5.500',
  check: 'm5.500 12.500 4.300 4.300 8.700-9.300',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm0 4v4.400l2.900 1.700',
  warn: 'M12 4.500 3.200 19.300h17.600L12 4.500Zm0 5.700v4.300m0 2.400v.1',
  info: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm0 7v5m0-8.200v.1',
  play: 'M8 5.500v13l10.500-6.500L8 5.500Z',
  stop: 'M7 7h10v10H7z',
  back: 'M19 12H5.500m5-5.500L5 12l5.500 5.500',
} as const

export type IconName = keyof typeof STROKES

/** A picture beside words with the same meaning. Screen readers skip it. */
export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={STROKES[name]} />
  </svg>
)

/** The mark of the product: a speech bubble with a keyhole. */
export const Mark = () => (
  <svg viewBox="0 0 28 28" aria-hidden="true">
    <path
      fill="var(--ink)"
      d="M14 2C7 2 1.500 6.800 1.500 12.900c0 3.500 1.800 6.600 4.700 8.600l-.8 4c-.1.600.500 1 1 .700l4.500-2.500c1 .2 2 .3 3.100.3 7 0 12.500-4.900 12.500-11.100S21 2 14 2Z"
    />
    <path
      fill="var(--paper)"
      d="M14 7.200a3.400 3.400 0 0 0-1.700 6.300l-.9 4.400c-.1.400.2.700.6.700h4c.4 0 .7-.3.600-.7l-.9-4.400A3.400 3.400 0 0 0 14 7.200Z"
    />
  </svg>
)
