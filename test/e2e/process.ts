// The program as a process of its own, for what only a process can show: signals, sudden death, its output.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { eventually } from './eventually.js'
import type { Folder } from './folder.js'
import { operateToken } from './running.js'

/** Built by `npm run build`, which `npm test` runs first. */
export const program = fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url))

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export class Program {
  readonly child: ChildProcess
  readonly exit: Promise<Exit>
  stdout = ''
  stderr = ''

  constructor(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
    const { cwd, env = {} } = options
    const settings = { ...(cwd === undefined ? {} : { cwd }), env: { ...process.env, ...env } }
    const child = spawn(command, args, { ...settings, stdio: ['ignore', 'pipe', 'pipe'] })
    this.child = child
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.exit = once(child, 'close').then(([code, signal]) => ({ code, signal }))
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  kill(signal: NodeJS.Signals): Promise<Exit> {
    this.child.kill(signal)
    return this.exit
  }
}

/** `callboard run` over the folder, on free ports. */
export class RunningProgram extends Program {
  readonly readyFile: string

  /** `root`: what it serves, a folder or a URL. */
  constructor(folder: Pick<Folder, 'base' | 'root' | 'state'>, more: NodeJS.ProcessEnv = {}) {
    const readyFile = join(folder.base, 'ready.json')
    const ports = ['--resolver-port', '0', '--control-port', '0']
    const files = ['--state-dir', folder.state, '--ready-file', readyFile]
    const env = { CALLBOARD_TOKENS_OPERATE: operateToken, CALLBOARD_LOG_LEVEL: 'info', ...more }
    super(process.execPath, [program, 'run', folder.root, ...ports, ...files], { env })
    this.readyFile = readyFile
  }

  /** Where it listens, once it does. */
  async ready(): Promise<{ resolver: string; control: string }> {
    return eventually(
      'the program is ready',
      () => {
        if (!this.isAlive) throw new Error(`the program ended: ${this.stderr}`)
        if (!existsSync(this.readyFile) || !this.stdout.includes('Callboard')) return undefined
        return parsed(readFileSync(this.readyFile, 'utf8'))
      },
      { found: () => this.stderr },
    )
  }
}

/** Undefined while the file is not written to its end. */
function parsed(text: string): { resolver: string; control: string } | undefined {
  return text.endsWith('}\n') ? JSON.parse(text) : undefined
}
