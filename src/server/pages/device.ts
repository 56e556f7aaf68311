import type { DeviceWords } from './words/words.ts'

const longest = 512

/** A name that stands in the dictionary; every other is a proper name. */
const desktopApp = Symbol('a desktop app')
const app = Symbol('an app')

interface Clue<Name = string> {
  /** Found anywhere in the lower-case user agent. */
  readonly mark: string
  readonly name: Name
}

/** First match wins: the impostors (all claim to be Chrome and Safari) stand before what they imitate. */
const browsers: readonly Clue<string | symbol>[] = [
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
  { mark: 'electron/', name: desktopApp },
  { mark: 'crios/', name: 'Chrome' },
  { mark: '; wv)', name: app },
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

/** Libraries of phone apps, with the system that they tell: Android, Apple's, or none. */
const libraries: readonly Clue<'Android' | 'Apple' | null>[] = [
  { mark: 'okhttp/', name: 'Android' },
  { mark: 'dalvik/', name: 'Android' },
  { mark: 'cfnetwork/', name: 'Apple' },
  { mark: 'dart/', name: null },
]

/**
 * Says in words what a `User-Agent` claims to be: `'Firefox on Linux'`, `'A script (curl)'`, `'An unknown device'`.
 * Does not prove anything, and never repeats a word of the header: the answer is made of this file's and the dictionary's words.
 * Reads 512 characters at most. No user agent tells an iPad in desktop mode from a Mac, or Brave from Chrome.
 */
export function deviceOf(userAgent: string, words: DeviceWords): string {
  const text = userAgent.slice(0, longest).toLowerCase()
  const program = programs.find((clue) => text.startsWith(clue.mark))
  if (program) return words.script(program.name)
  const library = libraries.find((clue) => text.includes(clue.mark))
  if (library) return appOn(library.name, words)

  const browser = browsers.find((clue) => text.includes(clue.mark))
  const system = systems.find((clue) => text.includes(clue.mark))
  if (browser === undefined && system === undefined) return words.unknown
  const thing = browser === undefined ? words.browser : thingOf(browser.name, words)
  return system === undefined ? thing : words.on(thing, system.name)
}

function appOn(system: 'Android' | 'Apple' | null, words: DeviceWords): string {
  if (system === null) return words.app
  return words.on(words.app, system === 'Apple' ? words.appleDevice : system)
}

function thingOf(name: string | symbol, words: DeviceWords): string {
  if (typeof name === 'string') return name
  return name === app ? words.app : words.desktopApp
}
