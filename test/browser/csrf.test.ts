import { inChromium } from '../support/browser.ts'
import { csrfTests } from './csrf.ts'

inChromium('pages of others in a real browser', (browser) => csrfTests(browser))
