/** The Asterisk of the call tests. `npm run test:asterisk16` chooses 16. */
export const asteriskVersion: 22 | 16 = process.env['CONSENTRY_TEST_ASTERISK'] === '16' ? 16 : 22
