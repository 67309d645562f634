// One run of git that talks to somebody else. simple-git cannot put it into a process group of its own, and only the end
// of the group ends what git has started: ssh, git-remote-https, index-pack.

import { type ChildProcess, spawn } from 'node:child_process'
import { SourceError } from '../source.js'

export interface GitRun {
  readonly args: readonly string[]
  readonly cwd: string
  /** All of it: nothing of this process's own goes along. */
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Asked now and then; a reason ends the run. */
  readonly objection?: () => string | undefined
}

export interface GitResult {
  /** Null when it was ended. */
  readonly code: number | null
  readonly stdout: string
  /** The end of it. */
  readonly stderr: string
  /** Why it was ended before it was through. */
  readonly ended: 'timeout' | 'aborted' | 'output' | { readonly objection: string } | undefined
}

const maxOutput = 64 * 1024 * 1024
const keptOfErrors = 16 * 1024
/** From the request to end, upon which git removes what it has half written, to the end. */
const graceMs = 1_000
const objectionMs = 100

/** Resolves once the whole process group is gone. Rejects with `SourceError` when git cannot be run. */
export function runGit({ args, cwd, env, timeoutMs, signal, objection }: GitRun): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    let ended: GitResult['ended']
    const stdout: Buffer[] = []
    let length = 0
    let stderr = ''
    const child = spawn('git', args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let last: NodeJS.Timeout | undefined
    const end = (reason: NonNullable<GitResult['ended']>): void => {
      if (ended !== undefined) return
      ended = reason
      kill(child, 'SIGTERM')
      last = setTimeout(() => kill(child, 'SIGKILL'), graceMs)
    }
    const abort = (): void => end('aborted')
    const timer = setTimeout(() => end('timeout'), timeoutMs)
    const asking = setInterval(() => {
      const reason = objection?.()
      if (reason !== undefined) end({ objection: reason })
    }, objectionMs)
    const settle = (): void => {
      clearTimeout(timer)
      clearTimeout(last)
      clearInterval(asking)
      signal.removeEventListener('abort', abort)
    }
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > maxOutput) end('output')
      else stdout.push(chunk)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-keptOfErrors)
    })
    child.on('error', (error: NodeJS.ErrnoException) => {
      settle()
      reject(cannotRun(error))
    })
    child.on('exit', () => {
      // What it has started and left behind would keep the pipes open.
      if (ended !== undefined) kill(child, 'SIGKILL')
    })
    child.on('close', (code) => {
      settle()
      resolve({
        code: ended === undefined ? code : null,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr,
        ended,
      })
    })
  })
}

export function cannotRun(error: NodeJS.ErrnoException): SourceError {
  const why = error.code === 'ENOENT' ? 'it is not installed, or not in PATH' : error.message
  return new SourceError(`git cannot be run: ${why}`, { reason: 'GitMissing', cause: error })
}

function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // The group is gone.
  }
}
