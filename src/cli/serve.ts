import { readConfig } from '../server/config.ts'
import { type Running, startServer } from '../server/serve.ts'
import { exit, type Io } from './io.ts'

/** `handstamp serve`: runs until SIGTERM or SIGINT. With --json one line of JSON on standard output when ready. */
export async function serve(argv: readonly string[], io: Io): Promise<number> {
  const { config } = readConfig(argv, io.env, io.readFile)
  const stopping = signalled()
  const running = await startServer({ config, warn: io.note })
  if (config.json)
    io.out(
      JSON.stringify({
        url: running.url,
        data: running.data,
        ...(running.demo === null ? {} : { demo: running.demo }),
      }),
    )
  else for (const line of greeting(running)) io.out(line)
  await stopping
  await running.stop()
  return exit.ok
}

function greeting({ url, data, demo }: Running): string[] {
  const account =
    demo === null
      ? ['  Accounts   npm run handstamp -- users list | users add NAME']
      : [`  Sign in    ${demo.username}  ${demo.password}   (a demo account; its password is shown only now)`]
  return [
    '',
    `  Handstamp  ${url}`,
    ...account,
    `  Data       ${data}`,
    '',
    `  Open ${url} and sign in, or from a script:`,
    `  curl -s ${url}/login -d present=token -d username=${demo?.username ?? 'NAME'} -d 'password=${demo?.password ?? '…'}'`,
    '',
    '  Ctrl+C stops it.',
  ]
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
}
