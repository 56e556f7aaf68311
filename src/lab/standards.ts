import type { Standard } from './attack.ts'

/** What the rules of the defences follow. */
export const standards = {
  sessionCookies: {
    name: 'OWASP Session Management, Secure attribute',
    href: 'https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html',
  },
  rotation: { name: 'RFC 9700 section 4.14.2', href: 'https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2' },
  fixation: {
    name: 'ASVS 7.2.4; OWASP Session Management',
    href: 'https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html',
  },
  csrf: {
    name: 'OWASP CSRF Prevention, Fetch Metadata',
    href: 'https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html',
  },
  prefixes: {
    name: 'RFC 6265bis section 4.1.3',
    href: 'https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3',
  },
  httpOnly: {
    name: 'RFC 6265bis section 4.1.2.6',
    href: 'https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.2.6',
  },
  csp: { name: 'Content Security Policy Level 3', href: 'https://www.w3.org/TR/CSP3/' },
  logout: { name: 'ASVS 7.4.1', href: 'https://owasp.org/www-project-application-security-verification-standard/' },
  algorithms: { name: 'RFC 8725 section 3.1', href: 'https://www.rfc-editor.org/rfc/rfc8725#section-3.1' },
  keyInput: { name: 'RFC 8725 section 3.10', href: 'https://www.rfc-editor.org/rfc/rfc8725#section-3.10' },
  keyStrength: {
    name: 'RFC 7518 section 3.2; RFC 8725 section 3.5',
    href: 'https://www.rfc-editor.org/rfc/rfc8725#section-3.5',
  },
  strictIds: {
    name: 'OWASP Session Management, strict session ids',
    href: 'https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html',
  },
  guesses: { name: 'NIST SP 800-63B-4 section 3.2.2', href: 'https://pages.nist.gov/800-63-4/sp800-63b.html' },
  limits: { name: 'ASVS 7.1.2', href: 'https://owasp.org/www-project-application-security-verification-standard/' },
  anonymous: { name: 'CVE-2015-5963', href: 'https://nvd.nist.gov/vuln/detail/CVE-2015-5963' },
  revocation: { name: 'ASVS 7.4.1', href: 'https://owasp.org/www-project-application-security-verification-standard/' },
  proxies: {
    name: 'CWE-290, authentication bypass by spoofing',
    href: 'https://cwe.mitre.org/data/definitions/290.html',
  },
  races: { name: 'CWE-362', href: 'https://cwe.mitre.org/data/definitions/362.html' },
  lostUpdate: {
    name: 'RFC 9110 section 13.1.1, lost updates',
    href: 'https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1',
  },
  contentType: {
    name: 'OWASP CSRF Prevention, simple requests',
    href: 'https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html',
  },
} as const satisfies Readonly<Record<string, Standard>>
