// sshd as the user that runs the tests, for that user alone. Nothing here needs vitest.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './free-ports.js'
import { findCommand, ServiceProcess } from './service-process.js'

/** Debian keeps sshd where only root looks. */
const folders = ['/usr/sbin', '/usr/local/sbin']

/** Why sshd cannot be started here, or undefined when it can. */
export function sshdMissing(): string | undefined {
  const commands = ['sshd', 'ssh', 'ssh-keygen'].filter((command) => findCommand(command, folders) === undefined)
  return commands.length === 0 ? undefined : `there is no ${commands.join(' and no ')} command`
}

export class Sshd {
  readonly port: number
  readonly user = userInfo().username
  /** A private key that may log in, and one that may not. */
  readonly keyFile: string
  readonly otherKeyFile: string
  /** What a client is to know of this host. */
  readonly knownHosts: string
  readonly #folder: string
  #process: ServiceProcess | undefined

  private constructor(folder: string, port: number) {
    this.#folder = folder
    this.port = port
    this.keyFile = join(folder, 'key')
    this.otherKeyFile = join(folder, 'other-key')
    this.knownHosts = join(folder, 'known_hosts')
  }

  static async start(): Promise<Sshd> {
    const [port = 0] = await freePorts(1)
    const sshd = new Sshd(mkdtempSync(join(tmpdir(), 'callboard-sshd-')), port)
    sshd.#prepare()
    await sshd.start()
    return sshd
  }

  get log(): string {
    return this.#process?.log ?? ''
  }

  /** On the same port, with the same keys unless they were changed. */
  async start(): Promise<void> {
    const command = findCommand('sshd', folders) ?? 'sshd'
    this.#process = await ServiceProcess.start({
      name: 'sshd',
      folder: this.#folder,
      command,
      args: ['-D', '-e', '-f', join(this.#folder, 'sshd_config')],
      ready: /Server listening on 127\.0\.0\.1/,
    })
  }

  async stop(): Promise<void> {
    await this.#process?.kill()
    this.#process = undefined
  }

  /** Another key for the host, which nobody has been told of. */
  changeHostKey(): void {
    rmSync(join(this.#folder, 'host-key'))
    this.#keygen('host-key')
  }

  async close(): Promise<void> {
    await this.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #prepare(): void {
    for (const name of ['host-key', 'key', 'other-key']) this.#keygen(name)
    const [type, key] = readFileSync(join(this.#folder, 'host-key.pub'), 'utf8').split(' ')
    writeFileSync(this.knownHosts, `[127.0.0.1]:${this.port} ${type} ${key}\n`)
    writeFileSync(join(this.#folder, 'authorized_keys'), readFileSync(join(this.#folder, 'key.pub')))
    // Where sshd that runs as root puts its unprivileged part.
    if (userInfo().uid === 0 && !existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 })
    const settings = {
      Port: this.port,
      ListenAddress: '127.0.0.1',
      HostKey: join(this.#folder, 'host-key'),
      PidFile: 'none',
      AuthorizedKeysFile: join(this.#folder, 'authorized_keys'),
      StrictModes: 'no',
      UsePAM: 'no',
      PasswordAuthentication: 'no',
      KbdInteractiveAuthentication: 'no',
      PermitRootLogin: 'prohibit-password',
      AcceptEnv: 'GIT_PROTOCOL',
      LogLevel: 'INFO',
    }
    const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`)
    writeFileSync(join(this.#folder, 'sshd_config'), lines.join(''))
  }

  #keygen(name: string): void {
    const file = join(this.#folder, name)
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', file], { stdio: 'pipe' })
  }
}
