// Sends the browser's time zone to the server, for the following pages. The language is part of each request, until a
// person has chosen one.
const KEPT_S = 31_536_000

const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone
const plain = document.documentElement.dataset['view']
const secure = location.protocol === 'https:'
const name = secure ? `__Host-${plain}` : plain
if (plain && !document.cookie.includes(`${name}=`)) {
  const kept = new URLSearchParams({ zone })
  // biome-ignore lint/suspicious/noDocumentCookie: the cookie store is not in every browser that is supported
  document.cookie = `${name}=${kept}; Path=/; Max-Age=${KEPT_S}; SameSite=Strict${secure ? '; Secure' : ''}`
}
