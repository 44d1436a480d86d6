/** One of the eight forms in which every page is looked at. */
export interface Form {
  language: 'ru' | 'en'
  theme: 'light' | 'dark'
  width: keyof typeof SIZES
}

/** Sizes of the screens, CSS pixels. */
export const SIZES = { desktop: { width: 1280, height: 860 }, phone: { width: 320, height: 700 } } as const
