/** The token of an Authorization header (RFC 6750 section 2.1). Undefined if the header has none. */
export const bearerToken = (header: string | undefined): string | undefined =>
  /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header ?? '')?.[1]
