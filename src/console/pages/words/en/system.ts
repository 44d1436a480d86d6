import type { Words } from '../shape.js'

export const system = {
  title: 'System',
  service: 'The service',
  api: 'API',
  apiLead: 'What programs can do. Each request carries a token and stays in the journal.',
  route: 'Request',
  does: 'What it does',
  who: 'Who may',
  anyone: 'anyone',
  tokens: 'Tokens',
  noTokens: 'No token yet. A program needs one to use the API.',
  token: 'Token',
  tokenRoles: 'Roles',
  made: 'Made',
  until: 'Until',
  unlimited: 'until it is revoked',
  addToken: 'The command on this host makes one:',
} satisfies Words['system']
