import { readConfig } from '../server/config.ts'
import { isAlone, type Running, startServer } from '../server/serve.ts'
import { settings } from '../server/setting.ts'
import { exit, type Io } from './io.ts'

/** `handstamp serve`: runs until SIGTERM or SIGINT. With --json one line of JSON on standard output when ready. */
export async function serve(argv: readonly string[], io: Io): Promise<number> {
  const { config } = readConfig(argv, io.env, io.readFile)
  const stopping = signalled()
  const lab = isAlone(config) ? await import('../lab/routes.ts') : null
  const running = await startServer({ config, warn: io.note, lab: lab?.addLab ?? null })
  if (config.json)
    io.out(
      JSON.stringify({
        url: running.url,
        data: running.data,
        ...(running.management === null ? {} : { management: running.management }),
        ...(running.demo === null ? {} : { demo: running.demo }),
        ...(running.adminSecret === null ? {} : { adminSecret: running.adminSecret }),
      }),
    )
  else
    for (const line of greeting(
      running,
      config.engine.kind !== 'sqlite' || running.data === settings.data.fallback,
      lab !== null,
    ))
      io.out(line)
  await stopping
  await Promise.all([running.stop(), lab?.endLab()])
  return exit.ok
}

/** What to do next, first things first. */
function greeting({ url, data, demo, adminSecret }: Running, isUsual: boolean, hasLab: boolean): string[] {
  const where = isUsual ? '' : ` --data ${/^[\w./-]+$/.test(data) ? data : `'${data}'`}`
  const account =
    demo === null
      ? [
          '  Sign in    with an account of yours; a new one:',
          `             npm run handstamp -- users add NAME${where}`,
        ]
      : [
          `  Sign in    name ${demo.username}, password ${demo.password}`,
          '             a demo account; its password is shown only now',
        ]
  return [
    '',
    '  Handstamp is ready.',
    '',
    `  Open       ${url}`,
    ...account,
    ...(adminSecret === null
      ? [`  Console    ${url}/console`]
      : [
          `  Console    ${url}/console, admin secret ${adminSecret}`,
          '             of this run; HANDSTAMP_ADMIN_SECRET keeps one',
        ]),
    ...(hasLab ? [`  Lab        ${url}/lab: see attacks succeed, and fail`] : []),
    '',
    '  From a script, for an access token and a refresh token:',
    `  curl ${url}/login -d present=token -d username=${demo?.username ?? 'NAME'} -d password=${demo?.password ?? 'PASSWORD'}`,
    '',
    `  Sessions and accounts are kept in ${data}. Ctrl+C stops the server.`,
    '',
  ]
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
}
