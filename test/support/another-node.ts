import type { App, Browser } from './app.ts'

/** The same cookies at another node. */
export function at(app: App, browser: Browser): Browser {
  const there = app.browser()
  for (const [name, value] of browser.jar) there.put(name, value)
  return there
}
