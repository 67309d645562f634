import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RawNumber } from '../../src/expression/json.js'
import type { Controller } from '../../src/main.js'
import { announcementsOf } from '../../src/store/announcements.js'
import { openStore } from '../../src/store/embedded.js'
import { operateToken, startController } from './controller.js'
import { Folder, mock } from './repository.js'
import { runCommand } from './run-command.js'

let folder: Folder
let controller: Controller
beforeEach(async () => {
  folder = new Folder().write({
    'a.yaml': mock('a'),
    'b.yaml': mock('b', {
      spec: '  webhooks:\n    - {type: http, url: "https://example.test/h", sign: {scheme: github, secret: s3cret}}\n',
    }),
  })
  controller = await startController(folder.path)
})
afterEach(async () => {
  await controller.close()
  folder.remove()
})

const run = (line: string, env = {}) =>
  runCommand(line.split(' '), {
    env: { CALLBOARD_CONTROL_URL: controller.addresses.control, CALLBOARD_TOKEN: operateToken, ...env },
  })
const against = (rest = '') => run(`plan ${folder.path} --against ${controller.addresses.control}${rest}`)
const ask = (path: string) => fetch(controller.addresses.resolver + path).then((response) => response.status)

describe('plan --against a controller', () => {
  it('finds nothing to do in what is applied', async () => {
    const { code, stdout, stderr } = await against(' --detailed-exitcode')
    expect([code, stderr]).toEqual([0, ''])
    const sides = `${controller.addresses.control}/ at generation 1 → ${folder.path}`
    expect(stdout).toBe(`${sides}: 0 to create, 0 to update, 0 to move, 0 to prune, 2 unchanged\n`)
  })

  it('predicts what applying then does', async () => {
    await run('suspend')
    folder.write({
      'a.yaml': mock('a', { status: 201 }),
      'b.yaml': undefined,
      'c.yaml': mock('c').replace('{ok: true}', '{n: 12345678901234567890}'),
    })
    const { code, stdout } = await against(' --detailed-exitcode -o json')
    const report = JSON.parse(stdout)
    expect([code, report.counts]).toEqual([2, { create: 1, update: 1, move: 0, prune: 1, unchanged: 0 }])
    expect(report.changes[1].differences).toEqual([{ pointer: '/spec/response/statusCode', before: 200, after: 201 }])
    await run('resume')
    const { stdout: outcome } = await run('reconcile -o json')
    const planned = report.changes.map(({ operation, name }: { operation: string; name: string }) => [operation, name])
    const status = JSON.parse((await run('status -o json')).stdout)
    expect([JSON.parse(outcome).revision, status.counts.resources]).toEqual([
      status.lastAppliedRevision,
      expect.objectContaining({ Mock: 2 }),
    ])
    expect(planned.sort()).toEqual([
      ['create', 'c'],
      ['prune', 'b'],
      ['update', 'a'],
    ])
    expect(JSON.parse((await against(' -o json')).stdout).counts.unchanged).toBe(2)
  })

  it('never sees a secret, and says that one may be different', async () => {
    await run('suspend')
    folder.write({
      'b.yaml': mock('b', {
        spec: '  webhooks:\n    - {type: http, url: "https://example.test/h", sign: {scheme: github, secret: s3cret2}}\n',
      }),
    })
    for (const output of ['text', 'json', 'markdown']) {
      const { stdout } = await against(` -o ${output}`)
      expect(stdout).toContain('a masked secret or the content of a file differs')
      expect(stdout).not.toContain('s3cret')
    }
  })

  it('has all problems as they are, since it does not know those of the controller', async () => {
    folder.write({ 'c.yaml': mock('c', { status: 99 }) })
    const { code, stdout } = await against()
    expect([code, stdout]).toEqual([1, expect.stringContaining('c.yaml:11:17: error: ')])
    expect(stdout).toContain('no plan: 1 error; nothing of it would be applied')
  })

  it('of another server is no plan', async () => {
    const { code, stdout, stderr } = await run(`plan ${folder.path} --against ${controller.addresses.resolver}`)
    expect([code, stdout]).toEqual([4, ''])
    expect(stderr).toContain("is it the resolver's port?")
  })
})

describe('explain request', () => {
  it('says the same of a folder as the controller that serves it', async () => {
    for (const request of ['GET /stubs/shop/a', 'POST /stubs/shop/a', 'GET /nothing']) {
      const asked = await run(`explain request ${request} -o json`)
      const offline = await run(`explain request ${request} --dir ${folder.path} -o json`)
      expect(offline).toEqual(asked)
      expect(asked.code).toBe(request === 'GET /stubs/shop/a' ? 0 : 1)
    }
  })

  it('names the mock that answers, and what the others lack', async () => {
    const found = await run('explain request get /stubs/shop/a')
    expect(found.stdout).toContain('shop/a (a.yaml:1) answers')
    const { stdout } = await run('explain request POST /stubs/shop/a')
    expect(stdout).toContain('no mock answers')
    expect(stdout).toContain('not shop/a (a.yaml:1)')
  })

  it('takes headers and a body, and counts nothing', async () => {
    folder.write({ body: '{"item": "tea"}' })
    folder.write({
      'c.yaml': mock('c').replace(
        'httpMethod: GET',
        'httpMethod: POST\n    conditions: [{path: $.item, assertAction: equals, value: tea}]\n    header: [{path: X-Env, assertAction: equals, value: test}]',
      ),
    })
    const line = `explain request POST /stubs/shop/c --dir ${folder.path}`
    expect((await run(`${line} -H X-Env:test -d ${folder.path}/body`)).code).toBe(0)
    const { code, stdout } = await run(`${line} -d ${folder.path}/body`)
    expect([code, stdout]).toEqual([1, expect.stringContaining('X-Env')])
    expect((await run('verify POST /stubs/shop/c --times 0')).code).toBe(0)
  })

  it('cannot be told from declarations that would not be applied, or a body that is not there', async () => {
    folder.write({ 'c.yaml': mock('c', { status: 99 }) })
    const broken = await run(`explain request GET /x --dir ${folder.path}`)
    expect([broken.code, broken.stdout, broken.stderr]).toEqual([4, '', expect.stringContaining('has an error')])
    const bodiless = await run(`explain request GET /x -d ${folder.path}/none`)
    expect([bodiless.code, bodiless.stderr]).toEqual([4, expect.stringContaining('the body cannot be read')])
    const folderless = await run(`explain request GET /x --dir ${folder.path}/none`)
    expect([folderless.code, folderless.stderr]).toEqual([4, expect.stringContaining('there is no folder')])
  })
})

describe('between test runs', () => {
  it('verify counts what was asked, and reset forgets it', async () => {
    expect([await ask('/stubs/shop/a'), await ask('/stubs/shop/a'), await ask('/stubs/shop/aa')]).toEqual([
      200, 200, 404,
    ])
    expect((await run('verify GET /stubs/shop/a --times 2')).code).toBe(0)
    expect((await run('verify GET /stubs/shop/a --times 3')).code).toBe(1)
    const missed = await run('verify GET /stubs/shop/b')
    expect([missed.code, missed.stdout]).toEqual([1, expect.stringContaining('/stubs/shop/aa 404')])
    expect((await run('reset')).stdout).toContain('cleared 3 recorded requests')
    expect((await run('verify GET /stubs/shop/a --times 0')).code).toBe(0)
  })

  it('needs the token', async () => {
    const { code, stdout, stderr } = await run('reset', { CALLBOARD_TOKEN: 'wrong' })
    expect([code, stdout, stderr]).toEqual([4, '', expect.stringContaining('does not accept this token')])
  })
})

it('status and get show what is applied, and what holds the next', async () => {
  const ready = await run('status')
  expect([ready.code, ready.stdout]).toEqual([0, expect.stringMatching(/^Resources +2 Mock/m)])
  expect((await run('get mocks')).stdout).toMatch(/^shop +a +True +- +a\.yaml:1$/m)
  expect((await run('get mock b -o yaml')).stdout).not.toContain('s3cret')
  folder.write({ 'c.yaml': mock('c', { status: 99 }) })
  expect((await run('reconcile')).code).toBe(1)
  const held = await run('status')
  expect([held.code, held.stdout]).toEqual([1, expect.stringContaining('c.yaml:11:17: error: ')])
  expect(await ask('/stubs/shop/a')).toBe(200)
})

describe('backup --control', () => {
  const target = () => `${folder.path}-${randomUUID()}.backup`

  it('has the controller that runs make one, which restore reads', async () => {
    const file = target()
    await ask('/a')
    const { code, stderr } = await run(`backup ${file} --control ${controller.addresses.control}`)
    expect([code, stderr]).toEqual([0, `the state of ${controller.addresses.control}/ is kept in ${file}\n`])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const state = `${file}.state`
    expect((await run(`restore ${file} --state-dir ${state}`)).code).toBe(0)
    const store = await openStore(state, { rawNumber: RawNumber })
    expect(store.get('reconcile/applied')).toMatchObject({ generation: 1 })
    expect(announcementsOf(store)).toMatchObject([{ operation: 'backup.restore' }])
    await store.close()
    const again = await run(`backup ${file} --control ${controller.addresses.control}`)
    expect([again.code, again.stderr]).toEqual([4, `error: ${file} exists; name a new file for the backup\n`])
    for (const path of [file, state]) rmSync(path, { recursive: true })
  })

  it('leaves nothing behind when it is refused', async () => {
    const file = target()
    const refused = await run(`backup ${file} --control ${controller.addresses.control}`, { CALLBOARD_TOKEN: 'wrong' })
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('does not accept this token')])
    const nobody = await run(`backup ${file} --control http://127.0.0.1:1`)
    expect([nobody.code, nobody.stderr]).toEqual([4, expect.stringContaining('nothing listens at http://127.0.0.1:1')])
    const nowhere = await run(`backup /no/such/folder/b --control ${controller.addresses.control}`)
    expect([nowhere.code, nowhere.stderr]).toEqual([4, expect.stringContaining('ENOENT')])
    expect(readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)))).toEqual([])
  })

  it('does not take what was cut off for a backup', async () => {
    const file = target()
    const server = createServer((_req, res) => res.setHeader('content-type', 'application/gzip').end(gzipSync('{"')))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { code, stderr } = await run(`backup ${file} --control http://127.0.0.1:${port}`)
    server.closeAllConnections()
    server.close()
    expect([code, stderr]).toEqual([4, expect.stringContaining('what was sent is not a whole backup: ')])
    expect(existsSync(file)).toBe(false)
  })
})
