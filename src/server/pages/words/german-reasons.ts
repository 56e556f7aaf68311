import type { Reason } from '../../../base/reasons.ts'
import type { Explanation } from './words.ts'

const signInAgain = 'Bitte neu anmelden.'
const newToken = 'Es braucht ein neues Zugriffstoken.'
const tryAgain = 'Bitte gleich noch einmal versuchen.'

const incomprehensible: Explanation = {
  title: 'Das war nicht zu verstehen',
  detail: 'Es fehlte etwas in dem, was der Browser gesendet hat, oder es hatte nicht die erwartete Form.',
}
const badCredential: Explanation = { title: 'Der Stempel wurde nicht hier ausgestellt', detail: signInAgain }
const badToken: Explanation = { title: 'Das Zugriffstoken ist nicht gültig', detail: newToken }

/** For readers, not for developers: what looks the same to them may read the same. */
export const germanReasons: Readonly<Record<Reason, Explanation>> = Object.freeze({
  // credentials
  malformed_credential: badCredential,
  oversized_credential: badCredential,
  forged_credential: badCredential,
  unknown_key: badCredential,
  duplicate_cookie: {
    title: 'Der Browser zeigt zwei Stempel',
    detail: 'Es hilft, die Cookies dieser Website im Browser zu löschen und sich neu anzumelden.',
  },
  conflicting_credentials: {
    title: 'Die Anfrage weist sich auf zwei Arten aus',
    detail: 'Sie darf nur eine Angabe in „Authorization“ haben.',
  },
  unsupported_scheme: {
    title: 'So kann sich hier niemand ausweisen',
    detail: 'Verstanden wird „Authorization: Bearer“ mit einem Zugriffstoken.',
  },
  // tokens
  malformed_token: badToken,
  refused_algorithm: badToken,
  refused_header: badToken,
  wrong_type: badToken,
  bad_signature: badToken,
  bad_claims: badToken,
  wrong_issuer: { title: 'Das Zugriffstoken wurde anderswo ausgestellt', detail: newToken },
  wrong_audience: { title: 'Das Zugriffstoken ist für einen anderen Dienst bestimmt', detail: newToken },
  not_yet_valid: { title: 'Das Zugriffstoken gilt noch nicht', detail: 'Bitte die Uhren prüfen.' },
  expired_token: { title: 'Das Zugriffstoken ist abgelaufen', detail: newToken },
  stale_claims: { title: 'Die Sitzung hat sich inzwischen geändert', detail: newToken },
  // sessions
  unknown_session: { title: 'Diese Sitzung gibt es nicht', detail: signInAgain },
  revoked: { title: 'Die Sitzung wurde beendet', detail: signInAgain },
  idle_timeout: { title: 'Die Sitzung ist zu Ende, weil sie eine Zeit lang nicht genutzt wurde', detail: signInAgain },
  absolute_timeout: { title: 'Die Sitzung hat ihre längste Dauer erreicht', detail: signInAgain },
  replayed_credential: {
    title: 'Die Sitzung wurde zur Sicherheit beendet',
    detail: `Ein bereits ersetzter Stempel wurde noch einmal gezeigt. ${signInAgain}`,
  },
  late_credential: {
    title: 'Die Anfrage war zu lange unterwegs',
    detail: 'Inzwischen wurde der Stempel ersetzt. Bitte noch einmal senden.',
  },
  reauthenticate: { title: 'Die Sitzung ließ sich nicht erneuern', detail: signInAgain },
  retry_renewal: { title: 'Die Sitzung wurde gerade von einer anderen Anfrage erneuert', detail: tryAgain },
  anonymous: { title: 'Niemand ist angemeldet', detail: 'Bitte zuerst anmelden.' },
  step_up_required: {
    title: 'Dafür braucht es eine neuere oder stärkere Anmeldung',
    detail: 'Bitte noch einmal anmelden und es dann wiederholen.',
  },
  claim_required: {
    title: 'Das ist mit diesem Konto nicht erlaubt',
    detail: 'Wer die nötigen Rechte hat, kann es übernehmen.',
  },
  session_limit: {
    title: 'Das Konto hat so viele Sitzungen, wie es haben darf',
    detail: 'Bitte zuerst auf einem anderen Gerät abmelden.',
  },
  // login
  wrong_login: { title: 'Name oder Passwort ist falsch', detail: 'Bitte beide prüfen und noch einmal versuchen.' },
  insecure_transport: {
    title: 'Anmelden über http ohne Verschlüsselung wird abgelehnt',
    detail: 'Unterwegs könnten andere die Sitzung mitlesen. Die Adresse muss mit https:// beginnen.',
  },
  wrong_password: { title: 'Das Passwort stimmt nicht', detail: 'Bitte prüfen und noch einmal versuchen.' },
  too_many_attempts: {
    title: 'Das Passwort wurde zu oft probiert',
    detail: 'Bitte eine Weile warten und noch einmal versuchen.',
  },
  too_many_logins: { title: 'Gerade melden sich zu viele an', detail: tryAgain },
  // accounts
  account_exists: { title: 'Ein Konto mit diesem Namen gibt es schon', detail: 'Bitte einen anderen Namen wählen.' },
  bad_username: {
    title: 'Dieser Name ist nicht möglich',
    detail: 'Ein Name hat 1 bis 128 Zeichen und keine unsichtbaren.',
  },
  weak_password: {
    title: 'Das Passwort ist zu kurz, zu lang oder zu leicht zu erraten',
    detail: 'Gut sind mindestens 15 Zeichen; nicht der Name, keine Wiederholung, keine Tastenreihe.',
  },
  // requests
  cross_site: {
    title: 'Eine andere Seite hat das in fremdem Namen versucht',
    detail: 'Die Anfrage kam nicht von einer Seite dieses Servers und wurde darum abgelehnt.',
  },
  unproven_origin: {
    title: 'Es ist unklar, woher das kam',
    detail: 'Der Browser hat nicht gesagt, welche Seite die Anfrage gesendet hat. Darum wurde sie abgelehnt.',
  },
  malformed_body: incomprehensible,
  invalid_request: incomprehensible,
  unsupported_grant_type: incomprehensible,
  wrong_client: incomprehensible,
  wider_scope: incomprehensible,
  oversized_body: { title: 'Das war zu viel auf einmal', detail: 'Die Anfrage ist größer als hier erlaubt.' },
  unsupported_media_type: incomprehensible,
  method_not_allowed: {
    title: 'Hier ist keine Seite',
    detail: 'Diese Adresse ist für Programme oder für eine andere Art von Anfrage.',
  },
  not_found: {
    title: 'Hier ist nichts',
    detail: 'Vielleicht ist die Adresse falsch geschrieben, oder was hier war, ist nicht mehr da.',
  },
  store_unavailable: {
    title: 'Das ist gerade nicht möglich',
    detail: 'Der Server erreicht den Ort nicht, an dem er Sitzungen aufbewahrt.',
  },
  others_not_ended: {
    title: 'Das Passwort ist geändert, aber die anderen Sitzungen sind nicht beendet',
    detail: 'Der Server hat seinen Speicher nicht erreicht: Sie sind noch angemeldet.',
  },
  not_stored: {
    title: 'Das hat nicht geklappt',
    detail: 'Die Änderung ließ sich nicht speichern. Es ist alles wie zuvor.',
  },
} satisfies Record<Reason, Explanation>)
