import { html } from '../html.ts'
import { germanReasons } from './german-reasons.ts'
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

const locale = 'de-DE'
const plural = pluralIn(locale)

const shell: ShellWords = {
  skip: 'Zum Inhalt springen',
  motto: 'Ein Eintrag für jede Sitzung: einmal beendet, ist sie überall vorbei.',
  stamp: 'ANGEMELDET',
  settings: 'Einstellungen',
  theme: 'Darstellung',
  themes: { system: 'Wie das System', light: 'Hell', dark: 'Dunkel' },
  language: 'Sprache',
  anyLanguage: 'Wie der Browser',
  apply: 'Übernehmen',
  whatToDo: 'Was hilft',
}

/** Machines by that name; everything else is a system. */
const machines = ['iPhone', 'iPad', 'Mac']
const appleDevice = 'einem Apple-Gerät'

const device: DeviceWords = {
  unknown: 'Ein unbekanntes Gerät',
  browser: 'Ein Browser',
  app: 'Eine App',
  desktopApp: 'Eine Desktop-App',
  appleDevice,
  script: (program) => `Ein Skript (${program})`,
  on: (thing, system) => {
    if (system === appleDevice) return `${thing} auf ${system}`
    return machines.includes(system) ? `${thing} auf dem ${system}` : `${thing} unter ${system}`
  },
}

const login: LoginWords = {
  title: 'Anmelden',
  errorTitle: 'Fehler: Anmelden',
  lede: 'Einmal das Passwort zeigen, danach genügt der Stempel.',
  lab: 'Das Labor: sehen, wie Angriffe gelingen und wie sie scheitern',
  name: 'Name',
  password: 'Passwort',
  submit: 'Anmelden',
  remember: 'Auf diesem Gerät angemeldet bleiben',
  rememberMeans: (idle, absolute) => `Bis ${idle} ohne Nutzung vergehen, höchstens aber ${absolute}.`,
  demo: (username) => html`Nur zum Ausprobieren? Der Name ist <strong>${username}</strong>.
Das Passwort des Demokontos steht im Terminal, in dem der Server gestartet wurde.`,
  signedOut: { title: 'Abgemeldet.', detail: 'Der Stempel ist ab, und keine Kopie davon öffnet noch etwas.' },
  ended: {
    revoked: {
      title: 'Diese Sitzung wurde anderswo beendet.',
      detail:
        'Sie wurde auf einem anderen Gerät oder von der Verwaltung dieses Servers beendet, oder das Passwort wurde geändert. Weiter geht es mit einer neuen Anmeldung.',
    },
    idle_timeout: {
      title: 'Diese Sitzung ist zu Ende.',
      detail: 'Sie wurde eine Zeit lang nicht genutzt. Weiter geht es mit einer neuen Anmeldung.',
    },
    absolute_timeout: {
      title: 'Diese Sitzung ist zu Ende.',
      detail: 'Sie hat ihre längste Dauer erreicht. Weiter geht es mit einer neuen Anmeldung.',
    },
    replayed_credential: {
      title: 'Diese Sitzung wurde zur Sicherheit beendet.',
      detail:
        'Ein bereits ersetzter Stempel wurde noch einmal gezeigt: Vielleicht gab es eine Kopie davon. Kopien öffnen jetzt nichts mehr.',
    },
    duplicate_cookie: {
      title: 'Der Browser zeigt zwei Stempel.',
      detail:
        'Welcher davon der richtige ist, lässt sich nicht erkennen. Es hilft, die Cookies dieser Website im Browser zu löschen und sich neu anzumelden.',
    },
  },
  wrong: {
    title: 'Name und Passwort passen nicht zusammen',
    detail: 'Bitte beide prüfen und noch einmal versuchen. Beim Passwort zählt die Groß- und Kleinschreibung.',
  },
  unavailable: {
    title: 'Anmelden ist gerade nicht möglich',
    detail:
      'Der Server erreicht seinen Speicher nicht. Niemand wird dadurch abgemeldet: bitte einige Sekunden warten und noch einmal versuchen.',
  },
  insecure: {
    title: 'Diese Verbindung ist nicht verschlüsselt',
    detail:
      'Ein Passwort, das über http ohne Verschlüsselung gesendet wird, lässt sich unterwegs mitlesen. Darum fragt diese Seite nicht danach.',
  },
  insecureSteps: [
    html`Diese Seite unter ihrer Adresse mit <strong>https://</strong> öffnen.`,
    html`Nur ein Versuch auf dem eigenen Rechner? Dann <strong>http://localhost</strong> mit demselben Port verwenden.`,
    html`Für den Betrieb dieses Servers: einen Proxy mit Zertifikat davorstellen, <code>HANDSTAMP_ORIGIN</code> auf die
https-Adresse und <code>HANDSTAMP_TRUSTED_PROXIES</code> auf den Proxy setzen.`,
  ],
}

const account: AccountWords = {
  tooMany: (wait) => ({
    title: 'Das Passwort wurde zu oft probiert',
    detail: `Bitte ${wait} warten und noch einmal versuchen. Wer angemeldet ist, bleibt es.`,
  }),
  others: {
    title: 'Andere Konten in diesem Browser',
    goOn: 'Wechseln',
    leave: 'Abmelden',
    add: 'Weiteres Konto hinzufügen',
    adding: 'Wer hier angemeldet ist, bleibt es daneben.',
  },
  stepUp: {
    title: 'Das Passwort noch einmal zeigen',
    lede: (who) => html`Was nun kommt, braucht eine frische Anmeldung. Angemeldet ist ${who}.`,
    submit: 'Weiter',
  },
  password: {
    title: 'Passwort ändern',
    lede: (who) => html`Das ist das Passwort von ${who}.`,
    current: 'Bisheriges Passwort',
    next: 'Neues Passwort',
    rule: (length) => `Mindestens ${length} Zeichen. Gut sind einige Wörter, die sonst niemand so zusammenstellt.`,
    keepOthers: 'Auf anderen Geräten angemeldet bleiben',
    keepOthersMeans:
      'Ohne das Häkchen endet jede andere Sitzung. Es sollte fehlen, wenn jemand das alte Passwort kennen könnte.',
    submit: 'Passwort ändern',
    reported: {
      title: 'Diese Sitzung ist beendet. Nun braucht es ein neues Passwort.',
      detail: 'Vielleicht kennt jemand das alte. Mit der Änderung endet auch jede andere Sitzung.',
    },
    changed: {
      end: {
        title: 'Das Passwort ist geändert.',
        detail: 'Alle anderen Sitzungen sind beendet. Die Anmeldung hier bleibt bestehen.',
      },
      keep: { title: 'Das Passwort ist geändert.', detail: 'Die anderen Sitzungen bestehen weiter.' },
    },
  },
}

const sessions: SessionsWords = {
  title: 'Meine Sitzungen',
  signedInAs: (who) => html`Angemeldet als ${who}.`,
  welcome: (who) => html`Willkommen, ${who}. Der Stempel sitzt.`,
  changePassword: 'Passwort ändern',
  ended: { title: 'Die Sitzung ist beendet.', detail: 'Wer sie genutzt hat, muss sich neu anmelden.' },
  othersEnded: {
    title: 'Alle anderen Sitzungen sind beendet.',
    detail: 'Nur dieses Gerät ist noch angemeldet.',
  },
  here: 'Dieses Gerät',
  elsewhere: 'Andere Geräte',
  onlyHere: 'Nur dieses Gerät ist angemeldet.',
  nowhere: 'Kein Gerät ist angemeldet.',
  hidden: (shown, hidden) =>
    `${plural(shown, { one: 'Das ist die zuletzt genutzte.', other: 'Das sind die # zuletzt genutzten.' })} ${plural(
      hidden,
      {
        one: '# weitere wird nicht angezeigt; „Überall sonst abmelden“ beendet auch sie.',
        other: '# weitere werden nicht angezeigt; „Überall sonst abmelden“ beendet auch sie.',
      },
    )}`,
  endOthers: {
    summary: 'Überall sonst abmelden\u00a0…',
    meaning: (count) =>
      `${plural(count, {
        one: 'Die andere Sitzung endet binnen Sekunden.',
        other: 'Die # anderen Sitzungen enden binnen Sekunden.',
      })} Die Anmeldung hier bleibt bestehen.`,
    submit: (count) => plural(count, { one: 'Die andere Sitzung beenden', other: 'Die # anderen Sitzungen beenden' }),
  },
  endAll: {
    summary: 'Überall abmelden\u00a0…',
    meaning: (count, withThis) =>
      `${plural(count, { one: 'Die einzige Sitzung endet', other: 'Alle # Sitzungen enden' })}${withThis ? ', auch diese' : ''}. Danach braucht es eine neue Anmeldung.`,
    submit: (count, withThis) =>
      `${plural(count, { one: 'Die einzige Sitzung beenden', other: 'Alle # Sitzungen beenden' })}${withThis ? ', auch diese' : ''}`,
  },
  methods: { pwd: 'Passwort', otp: 'Einmalcode', hwk: 'Passkey' },
  ownAccount: 'dem Konto',
  sentence: (device, how, signedIn, seen) => html`${device}, ${signedIn} mit ${how} angemeldet, ${seen}.`,
  active: (when) => html`${when} aktiv`,
  lastActive: (when) => html`zuletzt aktiv ${when}`,
  ends: (when) => html`Endet ohne Nutzung ${when}.`,
  endsRemembered: (when) => html`Bleibt angemeldet; endet ohne Nutzung ${when}.`,
  cookie: 'Ein\u00a0Cookie im Browser.',
  token: 'Ein\u00a0Token in einer App.',
  boundHere: (standard) => `An einen Schlüssel dieses Geräts gebunden (${standard}): Eine Kopie ist nutzlos.`,
  boundThere: (standard) => `An einen Schlüssel jenes Geräts gebunden (${standard}): Eine Kopie ist nutzlos.`,
  secondFactor: (level) => `Mit einem zweiten Faktor bestätigt (AAL${level}).`,
  from: (address) => html`Von\u00a0${address}.`,
  states: { active: 'Aktiv.', idle: 'Ruht.', expiring: 'Endet bald.' },
  notMe: 'Das war ich nicht',
  notMeWhich: (device) => html`: ${device}, beenden und das Passwort ändern`,
  notes: {
    title: 'Vor kurzem beendet',
    ended: (device, when) => html`${device}: ${when} hier beendet.`,
    reported: (device, when) => html`${device}: ${when} als fremd gemeldet und beendet.`,
    refusedAfter: (length) => `Nach ${length} hat jeder Server sie abgelehnt.`,
    refusedWithin: (length) => `Binnen ${length} hat jeder Server sie abgelehnt.`,
  },
  signOutHere: 'Hier abmelden',
  end: 'Beenden',
  endWhich: (device, seen) => html`: ${device}, zuletzt aktiv ${seen}`,
}

const console: ConsoleWords = {
  title: 'Konsole',
  lede: 'Für alle, die diesen Server betreiben: jede Sitzung, jedes Konto, jedes Ereignis.',
  secret: 'Admin-Geheimnis',
  secretMeans:
    'Öffnet die Konsole für eine halbe Stunde, nur in dieser Sitzung. Mit zwei Faktoren und der Rolle „admin“ wird nicht danach gefragt.',
  unlock: 'Konsole öffnen',
  wrong: {
    title: 'Das ist nicht das Admin-Geheimnis',
    detail: 'Kopieren Sie es ganz: aus der Konfiguration des Servers oder aus dem Terminal, in dem er gestartet wurde.',
  },
  noSecret: (variable) =>
    html`Dieser Server hat kein Admin-Geheimnis: Setzen Sie ${variable} auf eines von mindestens 32 Bytes und starten Sie ihn neu, oder melden Sie sich als Administrator mit zwei Faktoren an.`,
  noScript:
    'Die Konsole braucht JavaScript. Ohne geht dasselbe mit handstamp users, handstamp sessions und /admin in JSON.',
}

const failure: FailureWords = {
  unforeseen: {
    title: 'Hier ist etwas schiefgegangen',
    detail: 'Der Server ist auf einen unvorhergesehenen Fehler gestoßen. Was es war, steht in seinem Protokoll.',
  },
  signIn: 'Anmelden',
  toSessions: 'Zu meinen Sitzungen',
  unauthorized: 'Die Sitzung ist vorbei, oder es gab keine. Nach dem Anmelden geht es weiter.',
  forbidden:
    'Nichts wurde geändert. Was gewollt war, geht auf der Seite mit den Sitzungen; ein Formular, das eine andere Website absendet, wird absichtlich abgelehnt.',
  notFound:
    'Bitte die Adresse prüfen. Sollte eine Sitzung beendet werden: Sie ist schon beendet oder gehört zu einem anderen Konto.',
  other:
    'Bitte zurückgehen und noch einmal versuchen. Hilft das nicht, hilft der Verwaltung dieses Servers die oberste Zeile.',
  keepsSession: 'Das meldet niemanden ab.',
  waitAMoment: 'Bitte einen Moment warten und noch einmal versuchen.',
  wait: (length) => html`Bitte ${length} warten und noch einmal versuchen.`,
}

export const german: Words = Object.freeze({
  language: 'de',
  locale,
  shell,
  time: { now: 'jetzt', justNow: 'gerade eben' },
  device,
  login,
  account,
  sessions,
  console,
  failure,
  reasons: germanReasons,
})
