import type { Reason } from '../../../base/reasons.ts'
import type { SafeHtml } from '../html.ts'
import type { Theme } from '../theme.ts'

/** What happened, and what it means or what to do. */
export interface Explanation {
  readonly title: string
  readonly detail: string
}

/** Why somebody who comes back is no longer signed in, as far as it helps to know. */
export const endings = [
  'revoked',
  'idle_timeout',
  'absolute_timeout',
  'replayed_credential',
  'duplicate_cookie',
] as const satisfies readonly Reason[]

export type Ending = (typeof endings)[number]

/**
 * Everything that the pages say, in one language: a dictionary that lacks a sentence does not compile.
 *
 * Sentences are whole, so that each language has its own order of words; what is put into them is escaped or comes as HTML. Counts come as numbers, times and
 * durations as words of the same language.
 */
export interface Words {
  /** For `<html lang>`. */
  readonly language: string
  /** For `Intl`. */
  readonly locale: string
  readonly shell: ShellWords
  readonly time: { readonly now: string; readonly justNow: string }
  readonly device: DeviceWords
  readonly login: LoginWords
  readonly account: AccountWords
  readonly sessions: SessionsWords
  readonly console: ConsoleWords
  readonly failure: FailureWords
  /** What each refusal means to whoever reads a page. */
  readonly reasons: Readonly<Record<Reason, Explanation>>
}

export interface ShellWords {
  readonly skip: string
  readonly motto: string
  /** Around the large stamp, in capitals. */
  readonly stamp: string
  readonly settings: string
  readonly theme: string
  readonly themes: Readonly<Record<Theme, string>>
  readonly language: string
  /** The language that the browser asks for. */
  readonly anyLanguage: string
  readonly apply: string
  readonly whatToDo: string
}

export interface ConsoleWords {
  readonly title: string
  readonly lede: string
  readonly secret: string
  readonly secretMeans: string
  readonly unlock: string
  readonly wrong: Explanation
  readonly noSecret: (variable: SafeHtml) => SafeHtml
  readonly noScript: string
}

export interface DeviceWords {
  readonly unknown: string
  readonly browser: string
  readonly app: string
  readonly desktopApp: string
  readonly appleDevice: string
  script(program: string): string
  /** `thing` is a browser or one of the words above, `system` a proper name or `appleDevice`. */
  on(thing: string, system: string): string
}

export interface LoginWords {
  readonly title: string
  readonly errorTitle: string
  readonly lede: string
  /** Leads to the lab, where there is one. */
  readonly lab: string
  readonly name: string
  readonly password: string
  readonly submit: string
  readonly remember: string
  rememberMeans(idle: string, absolute: string): string
  demo(username: SafeHtml): SafeHtml
  readonly signedOut: Explanation
  readonly ended: Readonly<Record<Ending, Explanation>>
  /** Never tells whether the name exists. */
  readonly wrong: Explanation
  readonly unavailable: Explanation
  readonly insecure: Explanation
  readonly insecureSteps: readonly SafeHtml[]
}

/** Pages on which somebody shows their password again. */
export interface AccountWords {
  tooMany(wait: string): Explanation
  readonly stepUp: {
    readonly title: string
    lede(who: SafeHtml): SafeHtml
    readonly submit: string
  }
  /** Several accounts in one browser. */
  readonly others: {
    readonly title: string
    readonly goOn: string
    readonly leave: string
    readonly add: string
    readonly adding: string
  }
  readonly password: {
    readonly title: string
    lede(who: SafeHtml): SafeHtml
    readonly current: string
    readonly next: string
    rule(length: number): string
    readonly keepOthers: string
    readonly keepOthersMeans: string
    readonly submit: string
    /** Above the form, for whoever has just reported a session. */
    readonly reported: Explanation
    /** Said on the next page; of the other sessions. */
    readonly changed: Readonly<Record<'end' | 'keep', Explanation>>
  }
}

/** How a session stands. */
export type SessionPhase = 'active' | 'idle' | 'expiring'

export interface SessionsWords {
  readonly title: string
  /** `who` is the name, with the role behind it if there is one. */
  signedInAs(who: SafeHtml): SafeHtml
  welcome(who: SafeHtml): SafeHtml
  /** Links of the account. */
  readonly changePassword: string
  readonly ended: Explanation
  readonly othersEnded: Explanation
  readonly here: string
  readonly elsewhere: string
  readonly onlyHere: string
  readonly nowhere: string
  hidden(shown: number, hidden: number): string
  readonly endOthers: AskingWords
  readonly endAll: AskingWords
  /** What one has signed in with, by RFC 8176 value. */
  readonly methods: Readonly<Record<'pwd' | 'otp' | 'hwk', string>>
  readonly ownAccount: string
  sentence(device: SafeHtml, how: SafeHtml, signedIn: SafeHtml, seen: SafeHtml): SafeHtml
  active(when: SafeHtml): SafeHtml
  lastActive(when: SafeHtml): SafeHtml
  ends(when: SafeHtml): SafeHtml
  endsRemembered(when: SafeHtml): SafeHtml
  readonly cookie: string
  readonly token: string
  readonly boundHere: (standard: string) => string
  readonly boundThere: (standard: string) => string
  secondFactor(level: number): string
  from(address: SafeHtml): SafeHtml
  /** In one word, before the particulars. */
  readonly states: Readonly<Record<SessionPhase, string>>
  readonly notMe: string
  /** Follows `notMe` for those who hear the button. */
  notMeWhich(device: SafeHtml): SafeHtml
  readonly notes: {
    readonly title: string
    ended(device: SafeHtml, when: SafeHtml): SafeHtml
    reported(device: SafeHtml, when: SafeHtml): SafeHtml
    /** The receipt, behind either. `length` is in milliseconds. */
    refusedAfter(length: string): string
    /** Where it was not confirmed: within the bound of the policy. */
    refusedWithin(length: string): string
  }
  readonly signOutHere: string
  readonly end: string
  /** Follows `end` for those who hear the button instead of seeing where it stands. */
  endWhich(device: SafeHtml, seen: string): SafeHtml
}

/** A button that asks back before it ends many sessions. */
export interface AskingWords {
  readonly summary: string
  /** `withThis`: this session is one of them. */
  meaning(count: number, withThis: boolean): string
  submit(count: number, withThis: boolean): string
}

export interface FailureWords {
  readonly unforeseen: Explanation
  readonly signIn: string
  readonly toSessions: string
  readonly unauthorized: string
  readonly forbidden: string
  readonly notFound: string
  readonly other: string
  readonly keepsSession: string
  readonly waitAMoment: string
  wait(length: SafeHtml): SafeHtml
}
