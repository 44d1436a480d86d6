// Movement without reloading: a form that has `hx-` attributes exchanges a part of the page. Without this script forms work as plain
// ones. The extension lets an attribute act only if it has the page's nonce, so markup from elsewhere does nothing.
import 'htmx.org/dist/htmx.esm.js'
import 'htmx.org/dist/ext/hx-csp.js'
import './copy.js'
import './keep-focus.js'
import './play.js'
// Before `send-once`, which takes what nobody has prevented for sent.
import './progress.js'
import './send-once.js'
import './zone.js'
