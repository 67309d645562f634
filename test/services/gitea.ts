// Gitea as one process over SQLite: a Git host with webhooks and commit statuses. CALLBOARD_TEST_GITEA names its program;
// `test/services/install gitea` builds one. Nothing here needs vitest.

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePorts } from './free-ports.js'
import { ServiceProcess } from './service-process.js'

const program = resolve(process.env.CALLBOARD_TEST_GITEA ?? '')

export interface GiteaAddresses {
  /** Without a slash at its end. */
  readonly url: string
  /** Who may do everything there, also over Git. */
  readonly username: string
  readonly token: string
}

/** One Gitea with its data in a temporary directory. It ends with the process that made it, at the latest. */
export class Gitea {
  readonly addresses: GiteaAddresses
  readonly #folder: string
  readonly #process: ServiceProcess

  private constructor(folder: string, addresses: GiteaAddresses, running: ServiceProcess) {
    this.#folder = folder
    this.addresses = addresses
    this.#process = running
  }

  static async start(): Promise<Gitea> {
    if (!process.env.CALLBOARD_TEST_GITEA || !existsSync(program)) {
      throw new Error(`CALLBOARD_TEST_GITEA names no program: ${program}; test/services/install gitea builds one`)
    }
    const folder = mkdtempSync(join(tmpdir(), 'callboard-gitea-'))
    let running: ServiceProcess | undefined
    try {
      const [port = 0] = await freePorts(1)
      const config = prepare(folder, port)
      const env = environment(folder)
      running = await ServiceProcess.start({
        name: 'Gitea',
        folder,
        command: program,
        args: ['--config', config, 'web'],
        env,
        ready: /Starting new Web server: tcp/,
      })
      const url = `http://127.0.0.1:${port}`
      await untilAnswering(url)
      return new Gitea(folder, { url, ...(await createUser(config, env)) }, running)
    } catch (error) {
      const log = running?.log
      await running?.kill()
      rmSync(folder, { recursive: true, force: true })
      throw log === undefined ? error : new Error(`${(error as Error).message}; the log of Gitea ends:\n${log}`)
    }
  }

  async close(): Promise<void> {
    await this.#process.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** The last of what it printed, for a test that failed. */
  get log(): string {
    return this.#process.log
  }
}

/** It listens a moment after it says so. */
async function untilAnswering(url: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const answer = await fetch(`${url}/api/v1/version`).catch(() => undefined)
    if (answer?.ok === true) return
    await sleep(50)
  }
  throw new Error('Gitea does not answer')
}

async function createUser(config: string, env: NodeJS.ProcessEnv): Promise<Pick<GiteaAddresses, 'username' | 'token'>> {
  const username = 'ann'
  const password = randomBytes(16).toString('hex')
  const options = ['--username', username, '--password', password, '--email', 'ann@example.com', '--admin']
  const access = ['--must-change-password=false', '--access-token', '--access-token-scopes', 'all']
  const args = ['--config', config, 'admin', 'user', 'create', ...options, ...access]
  const { stdout } = await promisify(execFile)(program, args, { env })
  const [token] = /\b[0-9a-f]{40}\b/.exec(stdout) ?? []
  if (token === undefined) throw new Error(`Gitea gave no token:\n${stdout}`)
  return { username, token }
}

function environment(folder: string): NodeJS.ProcessEnv {
  // Its hooks run git, which must not read what the user of this machine has set up.
  return { PATH: process.env.PATH, HOME: folder, USER: userInfo().username, GITEA_WORK_DIR: folder }
}

function prepare(folder: string, port: number): string {
  const config = join(folder, 'app.ini')
  mkdirSync(join(folder, 'data'), { recursive: true })
  writeFileSync(
    config,
    `APP_NAME = tests
RUN_MODE = prod
RUN_USER = ${userInfo().username}
WORK_PATH = ${folder}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true

[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = http://127.0.0.1:${port}/
DISABLE_SSH = true
OFFLINE_MODE = true
STATIC_ROOT_PATH = ${dirname(program)}

[database]
DB_TYPE = sqlite3
PATH = ${join(folder, 'data', 'gitea.db')}
SQLITE_JOURNAL_MODE = OFF

[security]
INSTALL_LOCK = true
SECRET_KEY = ${randomBytes(16).toString('hex')}
PASSWORD_HASH_ALGO = pbkdf2$1$8

[webhook]
ALLOWED_HOST_LIST = loopback
DELIVER_TIMEOUT = 10

[queue]
TYPE = channel

[repository]
DEFAULT_BRANCH = main

[service]
DISABLE_REGISTRATION = true

[actions]
ENABLED = false

[packages]
ENABLED = false

[cron]
ENABLED = false

[indexer]
ISSUE_INDEXER_TYPE = db

[log]
MODE = console
LEVEL = Info
`,
  )
  return config
}
