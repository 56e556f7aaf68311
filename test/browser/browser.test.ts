import { inChromium } from '../support/browser.ts'
import { loginTests } from './login.ts'

inChromium('in a real browser', (browser) => {
  loginTests(browser)
})
