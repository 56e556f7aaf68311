import { inChromium } from '../support/browser.ts'
import { accessibilityTests } from './accessibility.ts'
import { advisorTests } from './advisor.ts'
import { consoleTests } from './console.ts'
import { cookieJarTests } from './cookie-jar.ts'
import { crossSiteTests } from './cross-site.ts'
import { labTests } from './lab.ts'
import { loginTests } from './login.ts'
import { logoutTests } from './logout.ts'
import { noScriptTests } from './no-script.ts'
import { outageTests } from './outage.ts'
import { passwordTests } from './password.ts'
import { plainHttpTests } from './plain-http.ts'
import { renewalTests } from './renewal.ts'
import { restartTests } from './restart.ts'
import { sessionsTests } from './sessions.ts'
import { settingsTests } from './settings.ts'

inChromium('in a real browser', (browser) => {
  loginTests(browser)
  sessionsTests(browser)
  logoutTests(browser)
  noScriptTests(browser)
  settingsTests(browser)
  passwordTests(browser)
  accessibilityTests(browser)
  advisorTests(browser)
  consoleTests(browser)
  labTests(browser)
  crossSiteTests(browser)
  plainHttpTests(browser)
  renewalTests(browser)
  restartTests()
  cookieJarTests()
  outageTests(browser)
})
