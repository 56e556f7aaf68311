const longest = 512

interface Clue {
  /** Found anywhere in the lower-case user agent. */
  readonly mark: string
  readonly name: string
}

/** First match wins: the impostors (all claim to be Chrome and Safari) stand before what they imitate. */
const browsers: readonly Clue[] = [
  { mark: 'edg/', name: 'Edge' },
  { mark: 'edga/', name: 'Edge' },
  { mark: 'edgios/', name: 'Edge' },
  { mark: 'opr/', name: 'Opera' },
  { mark: 'opt/', name: 'Opera' },
  { mark: 'vivaldi/', name: 'Vivaldi' },
  { mark: 'yabrowser/', name: 'Yandex Browser' },
  { mark: 'samsungbrowser/', name: 'Samsung Internet' },
  { mark: 'duckduckgo/', name: 'DuckDuckGo' },
  { mark: 'ddg/', name: 'DuckDuckGo' },
  { mark: 'firefox/', name: 'Firefox' },
  { mark: 'fxios/', name: 'Firefox' },
  { mark: 'headlesschrome/', name: 'Headless Chrome' },
  { mark: 'electron/', name: 'A desktop app' },
  { mark: 'crios/', name: 'Chrome' },
  { mark: '; wv)', name: 'An app' },
  { mark: 'chromium/', name: 'Chromium' },
  { mark: 'chrome/', name: 'Chrome' },
  { mark: 'version/', name: 'Safari' },
]

const systems: readonly Clue[] = [
  { mark: 'iphone', name: 'iPhone' },
  { mark: 'ipad', name: 'iPad' },
  { mark: 'android', name: 'Android' },
  { mark: 'windows', name: 'Windows' },
  { mark: 'cros ', name: 'ChromeOS' },
  { mark: 'mac os x', name: 'Mac' },
  { mark: 'macintosh', name: 'Mac' },
  { mark: 'linux', name: 'Linux' },
  { mark: 'freebsd', name: 'FreeBSD' },
  { mark: 'openbsd', name: 'OpenBSD' },
]

/** Programs that say their own name first. */
const programs: readonly Clue[] = [
  { mark: 'curl/', name: 'curl' },
  { mark: 'wget/', name: 'Wget' },
  { mark: 'httpie/', name: 'HTTPie' },
  { mark: 'python-requests/', name: 'Python' },
  { mark: 'python-urllib/', name: 'Python' },
  { mark: 'python-httpx/', name: 'Python' },
  { mark: 'aiohttp/', name: 'Python' },
  { mark: 'go-http-client/', name: 'Go' },
  { mark: 'node', name: 'Node.js' },
  { mark: 'undici', name: 'Node.js' },
  { mark: 'axios/', name: 'Node.js' },
  { mark: 'deno/', name: 'Deno' },
  { mark: 'bun/', name: 'Bun' },
  { mark: 'java/', name: 'Java' },
  { mark: 'apache-httpclient/', name: 'Java' },
  { mark: 'ruby', name: 'Ruby' },
  { mark: 'postmanruntime/', name: 'Postman' },
  { mark: 'insomnia/', name: 'Insomnia' },
]

/** Libraries of phone apps; their names say the system, or not even that. */
const apps: readonly Clue[] = [
  { mark: 'okhttp/', name: 'An app on Android' },
  { mark: 'dalvik/', name: 'An app on Android' },
  { mark: 'cfnetwork/', name: 'An app on an Apple device' },
  { mark: 'dart/', name: 'An app' },
]

/**
 * Says in words what a `User-Agent` claims to be: `'Firefox on Linux'`, `'A script (curl)'`, `'An unknown device'`.
 * Does not prove anything, and never repeats a word of the header: the answer is made of this file's own names.
 * Reads 512 characters at most. No user agent tells an iPad in desktop mode from a Mac, or Brave from Chrome.
 */
export function deviceOf(userAgent: string): string {
  const text = userAgent.slice(0, longest).toLowerCase()
  const program = programs.find((clue) => text.startsWith(clue.mark))
  if (program) return `A script (${program.name})`
  const app = apps.find((clue) => text.includes(clue.mark))
  if (app) return app.name

  const browser = browsers.find((clue) => text.includes(clue.mark))
  const system = systems.find((clue) => text.includes(clue.mark))
  if (browser && system) return `${browser.name} on ${system.name}`
  if (browser) return browser.name
  if (system) return `A browser on ${system.name}`
  return 'An unknown device'
}
