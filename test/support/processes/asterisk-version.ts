/** The Asterisk that call tests run on; `npm run test:asterisk16` chooses the older one. */
export const asteriskVersion: 22 | 16 = process.env['CONSENTRY_TEST_ASTERISK'] === '16' ? 16 : 22
