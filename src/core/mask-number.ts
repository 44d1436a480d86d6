/** Most digits of a masked number that are shown. */
const SHOWN = 4

/** Hides all but the last four characters of a number, as the function `mask_number` of the database does. */
export const maskNumber = (number: string): string =>
  number.length <= SHOWN
    ? '*'.repeat(number.length)
    : `${'*'.repeat(number.length - SHOWN)}${number.slice(-SHOWN)}`
