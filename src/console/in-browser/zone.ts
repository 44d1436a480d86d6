// Tells the server the browser's time zone, for the pages that follow. The language is asked for with each page, until a person has chosen it.
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
