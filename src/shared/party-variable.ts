/**
 * The channel variable by which the dialplan says whether whoever is on a channel is of the company: `inside` or `outside`. Asterisk shows it of each
 * channel if `channelvars` in ari.conf names it.
 */
export const PARTY_VARIABLE = 'CONSENTRY_PARTY'
