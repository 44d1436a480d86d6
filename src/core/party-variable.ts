/**
 * The channel variable with which the dialplan marks a channel's participant as `inside` or `outside` the company.
 * Asterisk reports it for each channel if `channelvars` in ari.conf names it.
 */
export const PARTY_VARIABLE = 'CONSENTRY_PARTY'
