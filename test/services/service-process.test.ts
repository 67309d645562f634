import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ServiceProcess } from './service-process.js'

const guard = fileURLToPath(new URL('guard.mjs', import.meta.url))

// Two processes that would stay for an hour and share the output: that ends only when both are gone.
const two = ['sh', '-c', 'sleep 3600 & echo ready; exec sleep 3600']

function started(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

describe('a service process', () => {
  const service = (script: string, withinMs?: number): Promise<ServiceProcess> =>
    ServiceProcess.start({ name: 'Echo', command: 'sh', args: ['-c', script], ready: /ready\n/ }, withinMs)

  it('is there once its log says so', async () => {
    const process = await service('echo starting; echo ready >&2; exec sleep 3600')
    expect(process.log).toBe('starting\nready\n')
    await process.kill()
  })

  it('says what it printed when it ends too early', async () => {
    await expect(service('echo the port is taken; exit 3')).rejects.toThrow(
      /^Echo ended before .*\nthe port is taken\n$/s,
    )
  })

  it('is an error when it takes too long', async () => {
    await expect(service('echo starting; exec sleep 3600', 300)).rejects.toThrow(/^Echo was not ready within 300 ms/)
  })

  it('says that there is no such command', async () => {
    const nothing = ServiceProcess.start({ name: 'Echo', command: 'no-such-command', args: [], ready: /ready/ })
    await expect(nothing).rejects.toThrow(/no-such-command ENOENT/)
  })

  it('may end in its own time when it is stopped', async () => {
    const process = await service('trap "echo goodbye; exit 0" TERM; echo ready; while :; do sleep 0.02; done')
    await process.stop()
    expect(process.log).toBe('ready\ngoodbye\n')
  })

  it('is killed when it does not end in its own time', async () => {
    const process = await service('trap "" TERM; echo ready; while :; do sleep 0.02; done')
    await process.stop(100)
    expect(process.log).toBe('ready\n')
  })

  it('leaves nothing behind when the process that started it is killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'callboard-guard-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(join(folder, 'data'), '')
    const script = `
      const { spawn } = require('node:child_process')
      spawn(process.execPath, ${JSON.stringify([guard, folder, ...two])}, { stdio: ['pipe', 'inherit', 'inherit'] })
    `
    const parent = started(['-e', script])
    expect(String((await once(parent.stdout as NodeJS.ReadableStream, 'data'))[0])).toBe('ready\n')
    parent.kill('SIGKILL')
    await once(parent, 'close')
    expect(existsSync(folder)).toBe(false)
  })

  it('leaves nothing behind of what it started itself, except for its data', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'callboard-guard-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const child = started([guard, folder, 'sh', '-c', 'sleep 3600 & echo ready; exit 7'])
    expect(await once(child, 'close')).toEqual([7, null])
    expect(existsSync(folder)).toBe(true)
  })
})
