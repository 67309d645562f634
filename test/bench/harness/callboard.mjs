// The program as a person starts it, from dist/.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Child, pathOf } from './child.mjs'

const program = pathOf('../../../dist/cli/index.js', import.meta.url)
const operateToken = 'bench'
const startLimitMs = 120_000

/** @returns {Promise<Callboard>} once it serves `directory`. `profile`: a folder for CPU profiles; `settings`: YAML. */
export async function startCallboard({ directory, stateDir, workspace, profile, settings = '' }) {
  const home = mkdtempSync(join(workspace, 'callboard-'))
  const readyFile = join(home, 'ready.json')
  const config = join(home, 'settings.yaml')
  writeFileSync(config, `tokens: {operate: ${operateToken}}\nlog: {level: error}\n${settings}`)
  const args = ['run', directory, '--resolver-port', '0', '--control-port', '0']
  args.push('--state-dir', stateDir ?? join(home, 'state'), '--ready-file', readyFile, '--config', config)
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`, '--cpu-prof-interval=200']
  const child = new Child('callboard', program, args, { flags })
  while (child.isRunning) {
    const addresses = readAddresses(readyFile)
    if (addresses !== undefined) return new Callboard(child, addresses, performance.now() - child.startedAt)
    if (performance.now() - child.startedAt > startLimitMs) {
      await child.stop()
      throw new Error(`callboard was not ready after ${startLimitMs} ms:\n${child.complaints}`)
    }
    await sleep(3)
  }
  throw new Error(`callboard did not start:\n${child.complaints}`)
}

function readAddresses(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Not there yet, or not written to its end.
    return undefined
  }
}

export class Callboard {
  constructor(child, { resolver, control }, readyMs) {
    this.child = child
    this.url = resolver
    this.control = control
    this.token = operateToken
    /** From the start of the process to the ready file. */
    this.readyMs = readyMs
  }

  /** `GET` on the control port. */
  async get(path) {
    const response = await fetch(new URL(path, this.control))
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return response.json()
  }

  meter() {
    return this.child.meter()
  }

  stop() {
    return this.child.stop()
  }
}
