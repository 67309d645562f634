// What only shows in a process of its own: signals, pipes, exit codes. Runs what `npm run build` made.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Folder, mock } from './repository.js'

const program = fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url))

let folder: Folder
const running: ChildProcess[] = []
beforeEach(() => {
  folder = new Folder().write({ 'mocks/a.yaml': mock('a') })
})
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  folder.remove()
})

interface Running {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  readonly ended: Promise<{ code: number | null; signal: string | null }>
}

function begin(...args: string[]): Running {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder.path,
    env: { ...process.env, NO_COLOR: '1' },
  })
  running.push(child)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal })),
  )
  return { child, stdout: () => stdout, stderr: () => stderr, ended }
}

const serve = (...more: string[]) =>
  begin('run', 'mocks', '--resolver-port', '0', '--control-port', '0', '--ready-file', 'ready.json', ...more)

const runSync = (...args: string[]) =>
  spawnSync(process.execPath, [program, ...args], { cwd: folder.path, encoding: 'utf8' })

async function until(what: () => boolean, child: Running): Promise<void> {
  const end = Date.now() + 20_000
  while (!what()) {
    if (Date.now() > end || child.child.exitCode !== null) throw new Error(`not so: ${what}\n${child.stderr()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const isReady = () => existsSync(`${folder.path}/ready.json`)
const ready = () =>
  JSON.parse(readFileSync(`${folder.path}/ready.json`, 'utf8')) as { resolver: string; control: string }

describe('run', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`serves until ${signal}, then ends cleanly and takes its ready file away`, async () => {
      const controller = serve()
      await until(isReady, controller)
      expect((await fetch(`${ready().resolver}/stubs/shop/a`)).status).toBe(200)
      controller.child.kill(signal)
      expect(await controller.ended).toEqual({ code: 0, signal: null })
      expect(isReady()).toBe(false)
      expect(controller.stdout()).toContain('/stubs/shop/a\n    → 200, from a.yaml:1')
      for (const line of controller.stderr().trimEnd().split('\n')) expect(JSON.parse(line).level).toBe('info')
    })
  }

  it('ends at once when it is interrupted while it starts', async () => {
    folder.write(Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`mocks/m${i}.yaml`, mock(`m${i}`)])))
    const controller = serve()
    await until(() => existsSync(`${folder.path}/.callboard`), controller)
    controller.child.kill('SIGINT')
    expect(await controller.ended).toEqual({ code: 0, signal: null })
    expect([isReady(), controller.stdout()]).toEqual([false, ''])
    const again = serve()
    await until(isReady, again)
    again.child.kill('SIGTERM')
    expect((await again.ended).code).toBe(0)
  })

  it('ends at once at a second Ctrl-C, when requests would keep it', async () => {
    const slow = mock('slow', { spec: '  extract: {gStore: {n: "$.increment($.gS.n)"}}\n' })
    folder.write({ 'mocks/slow.yaml': slow.replace('statusCode: 200', 'statusCode: 200\n    delay: 60000') })
    const controller = serve()
    await until(isReady, controller)
    const { resolver, control } = ready()
    const waiting = fetch(`${resolver}/stubs/shop/slow`).catch(() => 'cut')
    let seen = false
    while (!seen) seen = (await (await fetch(`${control}/api/v1/stores/global/shop`)).text()).includes('"n":')
    controller.child.kill('SIGINT')
    await until(() => controller.stderr().includes('stopping'), controller)
    controller.child.kill('SIGINT')
    expect(await controller.ended).toEqual({ code: null, signal: 'SIGINT' })
    expect(await waiting).toBe('cut')
  })

  it('looks again at SIGHUP', async () => {
    folder.write({ 'settings.yaml': 'source: {interval: 86400}\n' })
    const controller = serve('--config', 'settings.yaml')
    await until(isReady, controller)
    const looked = async () => {
      const status = await (await fetch(`${ready().control}/api/v1/status`)).json()
      return (status as { lastAttemptTime: string }).lastAttemptTime
    }
    // Watching looks once when it begins.
    const before = new Set<string>()
    while (before.size < 2) {
      before.add(await looked())
      controller.child.kill('SIGHUP')
    }
    controller.child.kill('SIGINT')
    expect((await controller.ended).code).toBe(0)
  })

  it('that nobody can wait for ends, and says why', async () => {
    const { status, stdout, stderr } = runSync(
      'run',
      'mocks',
      '--resolver-port',
      '0',
      '--control-port',
      '0',
      '--ready-file',
      'no/such/file',
    )
    expect([status, stdout.includes('Callboard'), stderr]).toEqual([
      4,
      true,
      expect.stringContaining('the ready file no/such/file cannot be written'),
    ])
  })

  it('does not start twice on one state directory, and leaves the first alone', async () => {
    const first = serve()
    await until(isReady, first)
    const { status, stdout, stderr } = runSync('run', 'mocks', '--resolver-port', '0', '--control-port', '0')
    expect([status, stdout, stderr]).toEqual([4, '', expect.stringContaining(`process ${first.child.pid}`)])
    expect((await fetch(`${ready().resolver}/stubs/shop/a`)).status).toBe(200)
    first.child.kill('SIGINT')
    await first.ended
  })

  describe('with a port in use', () => {
    let server: Server
    beforeEach(async () => {
      server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    })
    afterEach(() => server.close())

    for (const name of ['resolver', 'control']) {
      it(`says which, and how to choose another: ${name}`, () => {
        const { port } = server.address() as { port: number }
        const ports = { resolver: 0, control: 0, [name]: port }
        const { status, stdout, stderr } = runSync(
          'run',
          'mocks',
          '--resolver-port',
          `${ports.resolver}`,
          '--control-port',
          `${ports.control}`,
        )
        expect([status, stdout]).toEqual([4, ''])
        expect(stderr).toContain(`error: the ${name} cannot listen on http://127.0.0.1:${port}`.replace('http://', ''))
        expect(stderr).toContain(`--${name}-port or ports.${name}`)
        expect(stderr).not.toContain('    at ')
      })
    }
  })
})

describe('a closed pipe', () => {
  it('ends what is written into it without a word', () => {
    const many = 'x: y\n'.repeat(20_000)
    folder.write({ 'mocks/bad.yaml': `apiVersion: callboard/v1\nkind: Mock\n${many}` })
    for (const line of ['validate mocks -o json', 'schema', '--help', 'completion bash', 'plan mocks --help']) {
      const command = `'${process.execPath}' '${program}' ${line} | head -n 1; echo "\${PIPESTATUS[0]}"`
      const { stdout, stderr } = spawnSync('bash', ['-c', command], { cwd: folder.path, encoding: 'utf8' })
      expect([line, stderr]).toEqual([line, ''])
      expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^[01]$/)
    }
  })

  it('ends a controller cleanly when nobody reads its log', async () => {
    const command = `'${process.execPath}' '${program}' run mocks --resolver-port 0 --control-port 0 --ready-file ready.json 2>&1 | head -n 1`
    const { stdout, status } = spawnSync('bash', ['-c', `set -o pipefail; ${command}`], {
      cwd: folder.path,
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect([stdout.split('\n').length, status, isReady()]).toEqual([2, 0, false])
  })

  it('leaves the exit code as it is when stderr is closed', () => {
    const command = `'${process.execPath}' '${program}' validate none 2> >(true); echo $?`
    const { stdout } = spawnSync('bash', ['-c', command], { cwd: folder.path, encoding: 'utf8' })
    expect(stdout).toBe('4\n')
  })
})

it('a body comes from standard input', () => {
  folder.write({
    'mocks/b.yaml': mock('b').replace('httpMethod: GET', 'conditions: [{path: $.a, assertAction: equals, value: 1}]'),
  })
  const args = [program, 'explain', 'request', 'POST', '/stubs/shop/b', '--dir', 'mocks', '--body', '-']
  const ask = (input: string) => spawnSync(process.execPath, args, { cwd: folder.path, encoding: 'utf8', input }).status
  expect([ask('{"a": 1}'), ask('{"a": 2}')]).toEqual([0, 1])
})

it('backup and restore carry what happened to another directory, and overwrite nothing', async () => {
  folder.write({
    'mocks/count.yaml': mock('count', { spec: '  extract: {gStore: {n: "$.increment($.gS.n)"}}\n' }).replace(
      '{ok: true}',
      '{n: $.gS.n}',
    ),
  })
  const count = async (...more: string[]) => {
    const controller = serve(...more)
    await until(isReady, controller)
    const { n } = (await (await fetch(`${ready().resolver}/stubs/shop/count`)).json()) as { n: number }
    const busy = runSync('backup', 'busy.callboard')
    expect([busy.status, busy.stderr]).toEqual([4, expect.stringContaining('stop the controller first')])
    controller.child.kill('SIGTERM')
    await controller.ended
    return n
  }
  const none = runSync('backup', 'none.callboard')
  expect([none.status, none.stderr]).toEqual([4, expect.stringContaining('holds no state to back up')])
  expect([await count(), await count()]).toEqual([1, 2])
  expect(runSync('backup', 'state.callboard')).toMatchObject({ status: 0, stdout: '' })
  expect(runSync('backup', 'state.callboard').status).toBe(4)
  const occupied = runSync('restore', 'state.callboard')
  expect([occupied.status, occupied.stderr]).toEqual([4, expect.stringContaining('is not empty')])
  expect(runSync('restore', 'state.callboard', '--state-dir', 'other')).toMatchObject({ status: 0, stdout: '' })
  expect([await count(), await count('--state-dir', '.callboard')]).toEqual([3, 4])
  for (const [file, says] of [
    ['none', 'there is no file'],
    ['mocks/a.yaml', 'cannot be restored'],
  ] as const) {
    const { status, stderr } = runSync('restore', file, '--state-dir', 'third')
    expect([status, stderr]).toEqual([4, expect.stringContaining(says)])
  }
})

describe('many files', () => {
  const many = (count: number) => {
    for (let i = 0; i < count; i++) folder.write({ [`mocks/m${i}.yaml`]: mock(`m${i}`) })
  }
  /** Of processes that a process has begun; those that have ended are not among them. */
  const childrenOf = (pid: number | undefined): number[] =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

  it('are parsed by other processes, with every problem in its place', () => {
    many(250)
    folder.write({ 'mocks/bad.yaml': `${mock('bad')}  colour: red\n` })
    const { status, stdout } = runSync('validate', 'mocks')
    expect(stdout).toContain('bad.yaml')
    expect(stdout).toContain('unknown field "colour"')
    expect(status).toBe(1)
  })

  it.runIf(process.platform === 'linux')('are served all the same when the system ends those processes', async () => {
    many(1_500)
    const controller = serve()
    const parsers = () => childrenOf(controller.child.pid)
    await until(() => parsers().length > 0, controller)
    for (const pid of parsers()) process.kill(pid, 'SIGKILL')
    await until(() => / 1501 mocks in/.test(controller.stdout()), controller)
    controller.child.kill('SIGINT')
    expect(await controller.ended).toEqual({ code: 0, signal: null })
    expect(controller.stdout() + controller.stderr()).not.toMatch(/error/i)
  })

  it.runIf(process.platform === 'linux')('are given up without a word, and nothing is left behind', async () => {
    many(1_500)
    const controller = serve()
    const parsers = () => childrenOf(controller.child.pid)
    await until(() => parsers().length > 0, controller)
    const left = parsers()
    for (const pid of left) process.kill(pid, 'SIGINT')
    controller.child.kill('SIGINT')
    expect(await controller.ended).toEqual({ code: 0, signal: null })
    expect(controller.stdout() + controller.stderr()).not.toMatch(/error/i)
    expect(left.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
  })
})
