import { html } from '../html.ts'
import { englishReasons } from './english-reasons.ts'
import { pluralIn } from './plural.ts'
import type {
  AccountWords,
  ConsoleWords,
  DeviceWords,
  FailureWords,
  LoginWords,
  SessionsWords,
  ShellWords,
  Words,
} from './words.ts'

const locale = 'en-GB'
const plural = pluralIn(locale)

const shell: ShellWords = {
  skip: 'Skip to the content',
  motto: 'One record for each session: end it once, and it is over everywhere.',
  stamp: 'SIGNED IN',
  settings: 'Settings',
  theme: 'Theme',
  themes: { system: 'Like the system', light: 'Light', dark: 'Dark' },
  language: 'Language',
  anyLanguage: 'Like the browser',
  apply: 'Apply',
  whatToDo: 'What to do',
}

const device: DeviceWords = {
  unknown: 'An unknown device',
  browser: 'A browser',
  app: 'An app',
  desktopApp: 'A desktop app',
  appleDevice: 'an Apple device',
  script: (program) => `A script (${program})`,
  on: (thing, system) => `${thing} on ${system}`,
}

const login: LoginWords = {
  title: 'Sign in',
  errorTitle: 'Error: sign in',
  lede: 'Show your password once. After that, your stamp lets you in.',
  lab: 'The lab: see attacks succeed, and fail',
  name: 'Name',
  password: 'Password',
  submit: 'Sign in',
  remember: 'Keep me signed in on this device',
  rememberMeans: (idle, absolute) => `Until ${idle} pass without use, and for ${absolute} at most.`,
  demo: (username) => html`Just trying it? The name is <strong>${username}</strong>.
The demo account’s password is in the terminal where you started the server.`,
  signedOut: { title: 'You are signed out.', detail: 'The stamp is off, and no copy of it opens anything.' },
  ended: {
    revoked: {
      title: 'This session was ended elsewhere.',
      detail:
        'It was ended on another device or by whoever runs this server, or the password was changed. Sign in to go on.',
    },
    idle_timeout: {
      title: 'This session has ended.',
      detail: 'It was not used for a while. Sign in to go on.',
    },
    absolute_timeout: {
      title: 'This session has ended.',
      detail: 'It has reached its longest duration. Sign in to go on.',
    },
    replayed_credential: {
      title: 'This session was ended to be safe.',
      detail:
        'A stamp that had been replaced was shown again: somebody may have had a copy of it. Copies open nothing now.',
    },
    duplicate_cookie: {
      title: 'Your browser shows two stamps.',
      detail:
        'It cannot be known which of them is yours. Remove the cookies of this site in your browser, then sign in again.',
    },
  },
  wrong: {
    title: 'That name and password do not match',
    detail: 'Check both and try again. Capital letters count in the password.',
  },
  unavailable: {
    title: 'Signing in is not possible just now',
    detail: 'The server cannot reach its store. Nobody is signed out by this: wait a few seconds and try again.',
  },
  insecure: {
    title: 'This connection is not encrypted',
    detail: 'A password sent over plain http can be read on the way, so this page does not ask for one.',
  },
  insecureSteps: [
    html`Open this page by its <strong>https://</strong> address.`,
    html`Trying it on your own machine? Use <strong>http://localhost</strong> with the same port.`,
    html`You run this server? Put it behind a proxy that has a certificate, and set <code>HANDSTAMP_ORIGIN</code> to the
https address and <code>HANDSTAMP_TRUSTED_PROXIES</code> to the proxy.`,
  ],
}

const account: AccountWords = {
  tooMany: (wait) => ({
    title: 'The password was tried too often',
    detail: `Wait ${wait}, then try again. Whoever is signed in stays signed in.`,
  }),
  others: {
    title: 'Other accounts in this browser',
    goOn: 'Switch',
    leave: 'Sign out',
    add: 'Add another account',
    adding: 'Whoever is signed in here stays signed in, beside you.',
  },
  stepUp: {
    title: 'Show your password again',
    lede: (who) => html`What comes next needs a recent sign-in. You are ${who}.`,
    submit: 'Go on',
  },
  password: {
    title: 'Change your password',
    lede: (who) => html`This is the password of ${who}.`,
    current: 'Present password',
    next: 'New password',
    rule: (length) => `${length} characters or more. A few words that nobody else would put together are good.`,
    keepOthers: 'Stay signed in on my other devices',
    keepOthersMeans: 'Without this, every other session ends. Leave it off if somebody may know the old password.',
    submit: 'Change password',
    reported: {
      title: 'That session is ended. Now choose a new password.',
      detail: 'If it was not you, somebody may know the old one. Changing it ends every other session as well.',
    },
    changed: {
      end: { title: 'Your password is changed.', detail: 'Every other session is ended. You stay signed in here.' },
      keep: { title: 'Your password is changed.', detail: 'Your other sessions go on.' },
    },
  },
}

const others = { one: 'the # other session', other: 'the # other sessions' }
const all = { one: 'the only session', other: 'all # sessions' }

const sessions: SessionsWords = {
  title: 'Your sessions',
  signedInAs: (who) => html`You are signed in as ${who}.`,
  welcome: (who) => html`Welcome, ${who}. Your stamp is on.`,
  changePassword: 'Change password',
  ended: { title: 'The session is ended.', detail: 'Whoever used it has to sign in again.' },
  othersEnded: { title: 'Every other session is ended.', detail: 'Only this device is still signed in.' },
  here: 'This device',
  elsewhere: 'Elsewhere',
  onlyHere: 'Only this device is signed in.',
  nowhere: 'No device is signed in.',
  hidden: (shown, hidden) =>
    `${plural(shown, { one: 'This is the one', other: 'These are the #' })} used most recently. ${plural(hidden, {
      one: '# more is not shown; “Sign out everywhere else” ends it too.',
      other: '# more are not shown; “Sign out everywhere else” ends them too.',
    })}`,
  endOthers: {
    summary: 'Sign out everywhere else…',
    meaning: (count) => `This ends ${plural(count, others)} within seconds. You stay signed in here.`,
    submit: (count) => `End ${plural(count, others)}`,
  },
  endAll: {
    summary: 'Sign out everywhere…',
    meaning: (count, withThis) =>
      `This ends ${plural(count, all)}${withThis ? ', this one too' : ''}. To come back, you sign in again.`,
    submit: (count, withThis) => `End ${plural(count, all)}${withThis ? ', this one too' : ''}`,
  },
  methods: { pwd: 'a password', otp: 'a one-time code', hwk: 'a passkey' },
  ownAccount: 'your account',
  sentence: (device, how, signedIn, seen) => html`${device}, signed in with ${how} ${signedIn}, ${seen}.`,
  active: (when) => html`active ${when}`,
  lastActive: (when) => html`last active ${when}`,
  ends: (when) => html`Ends ${when} if not used.`,
  endsRemembered: (when) => html`Kept signed in; ends ${when} if not used.`,
  cookie: 'A\u00a0cookie in the browser.',
  token: 'A\u00a0token in an app.',
  boundHere: (standard) => `Tied to a key of this device (${standard}): a copy is useless.`,
  boundThere: (standard) => `Tied to a key of that device (${standard}): a copy is useless.`,
  secondFactor: (level) => `Confirmed with a second factor (AAL${level}).`,
  from: (address) => html`From\u00a0${address}.`,
  states: { active: 'Active.', idle: 'Idle.', expiring: 'Ends soon.' },
  notMe: 'Not me',
  notMeWhich: (device) => html`: end the session on ${device} and choose a new password`,
  notes: {
    title: 'Ended lately',
    ended: (device, when) => html`${device}: ended by you ${when}.`,
    reported: (device, when) => html`${device}: not you, you said ${when}; it was ended.`,
    refusedAfter: (length) => `Every server refused it after ${length}.`,
    refusedWithin: (length) => `Every server refused it within ${length}.`,
  },
  signOutHere: 'Sign out here',
  end: 'End',
  endWhich: (device, seen) => html` the session on ${device}, last active ${seen}`,
}

const console: ConsoleWords = {
  title: 'Console',
  lede: 'For whoever runs this server: every session, account and event.',
  secret: 'Admin secret',
  secretMeans:
    'Lets you in here for half an hour, in this session alone. With two factors and the role of an administrator it is not asked for.',
  unlock: 'Open the console',
  wrong: {
    title: 'That is not the admin secret',
    detail: 'Copy it whole, from the configuration of the server or from the terminal where it started.',
  },
  noSecret: (variable) =>
    html`This server has no admin secret: set ${variable} to one of 32 bytes or more and start it again, or sign in with two factors as an administrator.`,
  noScript:
    'The console needs JavaScript. The same is there without it: handstamp users, handstamp sessions, and /admin in JSON.',
}

const failure: FailureWords = {
  unforeseen: {
    title: 'Something went wrong here',
    detail: 'The server has met an error that nobody foresaw. What it was stands in its log.',
  },
  signIn: 'Sign in',
  toSessions: 'Go to your sessions',
  unauthorized: 'Your session is over or was never there. Sign in, and you are back.',
  forbidden:
    'Nothing was changed. Go to your sessions and do it from there; a form that another site sends for you is refused on purpose.',
  notFound: 'Check the address. If you came to end a session, it has ended already, or it is not yours.',
  other: 'Go back and try again. If it happens again, tell whoever runs this server the line at the top.',
  keepsSession: 'This does not sign you out.',
  waitAMoment: 'Wait a moment, then try again.',
  wait: (length) => html`Wait ${length}, then try again.`,
}

export const english: Words = Object.freeze({
  language: 'en',
  locale,
  shell,
  time: { now: 'now', justNow: 'just now' },
  device,
  login,
  account,
  sessions,
  console,
  failure,
  reasons: englishReasons,
})
