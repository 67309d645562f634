// What a mail costs: `npm run build && node test/bench/mail.mjs [count]`. A real server on loopback, over STARTTLS and with
// a login, and in clear text.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { email } from '../../dist/dispatcher/channels/email.js'
import { createGuard } from '../../dist/network/guard.js'

const count = Number(process.argv[2] ?? 200)
const inFlight = 5
const folder = mkdtempSync(join(tmpdir(), 'callboard-bench-mail-'))
const file = (name) => join(folder, name)
execFileSync(
  'openssl',
  ['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-days', '2'].concat(
    ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ['-keyout', file('key.pem'), '-out', file('cert.pem')],
  ),
  { stdio: 'pipe' },
)

const message = {
  event: { id: 'e', type: 'run.failed', time: '2026-01-02T11:59:00Z', source: 'ci', service: 'checkout', payload: {} },
  severity: 'error',
  title: 'Run 42 failed',
  body: '2 of 14 tests failed',
  link: 'https://ci.example/runs/42',
  format: 'rich',
  action: 'trigger',
  key: 'ci/run-42',
}

async function run(name, options, config) {
  let connections = 0
  let taken = 0
  const server = new SMTPServer({
    key: readFileSync(file('key.pem')),
    cert: readFileSync(file('cert.pem')),
    onConnect: (_, callback) => {
      connections += 1
      callback()
    },
    onAuth: ({ username }, _, callback) => callback(null, { user: username }),
    onData: (stream, _, callback) => {
      stream.resume().on('end', () => {
        taken += 1
        callback(null, 'queued')
      })
    },
    ...options,
  })
  server.on('error', () => {})
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const guard = createGuard({ allow: ['localhost'], allowPrivate: false, connectTimeoutMs: 5000 })
  const { MailConnections } = await import('../../dist/dispatcher/email/mail-connections.js').catch(() => ({}))
  const { systemTimer } = await import('../../dist/store/timer.js')
  const mail = MailConnections && new MailConnections({ timer: systemTimer })
  const context = {
    config: { host: 'localhost', port: server.server.address().port, from: 'a@example.com', ...config },
    lookup: guard.lookup,
    mail,
    smtp: {},
    now: Date.now,
    signal: new AbortController().signal,
    message,
    recipient: { email: 'ann@example.com' },
    override: {},
    attempt: 1,
  }
  const cpu = process.cpuUsage()
  const begin = performance.now()
  let next = 0
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < count) {
        next += 1
        const outcome = await email.send({ ...context, deliveryId: `d-${next}` })
        if (!outcome.ok) throw new Error(outcome.message)
      }
    }),
  )
  const elapsed = performance.now() - begin
  const { user, system } = process.cpuUsage(cpu)
  const perMail = (ms) => `${(ms / count).toFixed(2)} ms`
  console.log(
    `${name}: ${taken} mails, ${perMail(elapsed)} each, ${perMail((user + system) / 1000)} CPU with the server's, ${connections} connections`,
  )
  mail?.close()
  await guard.close()
  await new Promise((resolve) => server.close(resolve))
}

await run('STARTTLS and login', {}, { username: 'a', password: 'secret', ca: file('cert.pem') })
await run('clear text', { disabledCommands: ['AUTH', 'STARTTLS'] }, { tls: 'none' })
rmSync(folder, { recursive: true })
