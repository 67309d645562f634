import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { type ControlPort, openControlPort, tokens } from '../status/control-port.js'
import { commit, FakeController, noon, problem, request, resource, revision, status } from '../status/fake-views.js'
import { type RunOptions, runCommand } from './run-command.js'

let port: ControlPort
const others: Server[] = []
beforeEach(async () => {
  port = await openControlPort()
})
afterEach(async () => {
  await port.api.close()
  for (const server of others.splice(0)) server.close()
})

const run = (line: string, options: RunOptions = {}) =>
  runCommand(line.split(' '), {
    env: { CALLBOARD_CONTROL_URL: `http://127.0.0.1:${port.port}`, CALLBOARD_TOKEN: tokens.operate },
    ...options,
  })

async function listening(server: Server): Promise<string> {
  others.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('status', () => {
  it('shows where things stand', async () => {
    expect(await run('status')).toEqual({
      code: 0,
      stderr: '',
      stdout: `Source     /srv/declarations
Applied    main@sha1:aaaa1111 (2026-01-31T12:00:00.000Z, generation 3)
           Payments are answered (Ann <ann@example.com>, 2026-01-31T12:00:00.000Z)
Attempted  main@sha1:aaaa1111 (2026-01-31T12:00:00.000Z)
Resources  3 Mock, 1 Namespace; 1 unmanaged document
Problems   0 errors, 0 warnings

CONDITION  STATUS  REASON     SINCE                     MESSAGE
Ready      True    Succeeded  2026-01-31T12:00:00.000Z  applied main@sha1:aaaa1111
`,
    })
  })

  it('shows problems with file and line, and exits with 1', async () => {
    const counts = { ...status().counts, errors: 3 }
    port.controller.status = status({ problems: [problem], counts, suspended: true })
    const { code, stdout } = await run('status')
    expect(code).toBe(1)
    expect(stdout).toContain(
      'payments/mocks.yaml:12:5: error: unknown field "respnse" [unknown-field]\n  hint: did you mean "response"?\n',
    )
    expect(stdout).toContain('… and 2 more problems\n')
    expect(stdout).toContain('Suspended  nothing is applied until "callboard resume"\n')
  })

  it('says who suspended it at which revision and why, and what the source has meanwhile', async () => {
    const by = { since: noon, revision: 'main@sha1:aaaa1111', by: 'ann', reason: 'release freeze' }
    const newest = { ...commit, id: 'b'.repeat(40), subject: 'One more', signer: 'ben@example.com' }
    port.controller.status = status({
      suspended: true,
      suspension: by,
      lastSeenRevision: 'main@sha1:bbbb',
      lastSeenCommit: newest,
    })
    const { stdout } = await run('status')
    expect(stdout).toContain(
      `Suspended  at main@sha1:aaaa1111 by ann since ${noon} (release freeze): nothing is applied until "callboard resume"\n`,
    )
    expect(stdout).toContain('Newest     main@sha1:bbbb (seen, not applied)\n')
    expect(stdout).toContain(`One more (Ann <ann@example.com>, ${noon}, signed by ben@example.com)\n`)
  })

  it('exits with 1 when it is not ready, or does not know', async () => {
    const [ready] = status().conditions
    if (ready === undefined) throw new Error('the fake has a condition')
    port.controller.status = status({ conditions: [{ ...ready, status: 'False' }] })
    expect((await run('status')).code).toBe(1)
    port.controller.status = status({ conditions: [], lastAppliedRevision: null })
    const { code, stdout } = await run('status')
    expect([code, stdout.includes('Applied    none yet\n')]).toEqual([1, true])
  })

  it('is JSON or YAML when asked', async () => {
    const want = { version: '1.2.3', ...status() }
    expect(JSON.parse((await run('status -o json')).stdout)).toEqual(want)
    expect(parseYaml((await run('status -o yaml')).stdout)).toEqual(want)
  })

  it('lets nothing declared steer the terminal', async () => {
    port.controller.status = status({ source: '/srv/\u001b[2J\u202eevil' })
    expect((await run('status')).stdout).toContain('Source     /srv/ [2J evil\n')
  })
})

describe('get', () => {
  it('lists a kind, in any case and in the plural', async () => {
    const want = `NAMESPACE  NAME            READY  HITS  LAST USE                  DECLARED IN
payments   create-payment  True   1     2026-01-31T12:00:00.000Z  payments/mocks.yaml:1
payments   get-payment     True   2     2026-01-31T12:00:00.000Z  payments/mocks.yaml:20
`
    for (const kind of ['Mock', 'mock', 'mocks', 'MOCKS'])
      expect(await run(`get ${kind}`)).toEqual({ code: 0, stdout: want, stderr: '' })
    expect((await run('get namespaces -n -')).stdout).toContain('-          payments  True')
  })

  it('has how often mocks answered as JSON, too', async () => {
    expect(JSON.parse((await run('get mocks -o json')).stdout)[1]).toMatchObject({
      name: 'get-payment',
      hits: 2,
      lastUse: '2026-01-31T12:00:00.000Z',
    })
    expect(JSON.parse((await run('get mock get-payment -o json')).stdout)).toMatchObject({ hits: 2 })
    expect((await run('get namespaces')).stdout).not.toContain('HITS')
  })

  it('shows of what sends whether its secrets are there and how it goes', async () => {
    const [first] = port.controller.resources
    if (first === undefined) throw new Error('the fake has resources')
    const [ready] = first.conditions
    if (ready === undefined) throw new Error('the fake has a condition')
    const delivering = { ...ready, type: 'Delivering', status: 'False', reason: 'Network', message: 'refused' } as const
    const secrets = { ...ready, type: 'SecretMissing', status: 'True', reason: 'NotFound', message: 'KEY' } as const
    port.controller.resources[0] = { ...first, conditions: [ready, secrets, delivering] }
    const missing = (await run('get mocks')).stdout
    expect(
      missing,
    ).toBe(`NAMESPACE  NAME            READY  SECRETS  DELIVERING       HITS  LAST USE                  DECLARED IN
payments   create-payment  True   missing  False (Network)  1     2026-01-31T12:00:00.000Z  payments/mocks.yaml:1
payments   get-payment     True   -        -                2     2026-01-31T12:00:00.000Z  payments/mocks.yaml:20
`)
    expect(
      (await run('get mock create-payment')).stdout,
    ).toBe(`NAMESPACE  NAME            READY  SECRETS  DELIVERING       HITS  LAST USE                  DECLARED IN
payments   create-payment  True   missing  False (Network)  1     2026-01-31T12:00:00.000Z  payments/mocks.yaml:1

CONDITION      STATUS  REASON     SINCE                     MESSAGE
Ready          True    Succeeded  2026-01-31T12:00:00.000Z  applied main@sha1:aaaa1111
SecretMissing  True    NotFound   2026-01-31T12:00:00.000Z  KEY
Delivering     False   Network    2026-01-31T12:00:00.000Z  refused

CALLBACK   LAST SUCCESS  FAILURES SINCE  LAST ERROR                DELIVERY  DETAIL
tell-shop  -             2               2026-01-31T12:00:00.000Z  d0001     network: connect ECONNREFUSED

CALLBACK   TARGET                    GATE                                           BREAKER  UNDER WAY  LAST ATTEMPT
tell-shop  https://shop.example.com  held (breaker until 2026-01-31T12:00:00.000Z)  open     0          2026-01-31T12:00:00.000Z
`)
  })

  it('follows the pages of a long list', async () => {
    const names = Array.from({ length: 1203 }, (_, number) => `m${String(number).padStart(5, '0')}`)
    port.controller.resources = names.map((name, line) => resource('Mock', 'payments', name, line + 1))
    const { stdout } = await run('get Mock -o json')
    expect(JSON.parse(stdout).map((item: { name: string }) => item.name)).toEqual(names)
  })

  for (const name of ['payments/get-payment', 'payments~get-payment', 'get-payment', 'get-payment -n payments']) {
    it(`finds one as ${name}`, async () => {
      const { code, stdout } = await run(`get Mock ${name} -o json`)
      expect([code, JSON.parse(stdout).id]).toEqual([0, 'payments~get-payment'])
    })
  }

  it('finds one without a namespace by its name, or after /, or in -', async () => {
    for (const name of ['payments', '/payments', 'payments -n -']) {
      expect(JSON.parse((await run(`get Namespace ${name} -o json`)).stdout).namespace).toBe('')
    }
  })

  it('prints numbers as they are declared', async () => {
    expect((await run('get Mock get-payment -o json')).stdout).toContain('"amount": 12345678901234567890.10')
    expect((await run('get Mock get-payment -o yaml')).stdout).toContain('amount: 12345678901234567890.10\n')
  })

  it('asks which one is meant when several have the name', async () => {
    port.controller.resources.push(resource('Mock', 'shop', 'get-payment', 3))
    const { code, stderr } = await run('get Mock get-payment')
    expect([code, stderr]).toEqual([
      3,
      'error: more than one Mock has this name: payments/get-payment, shop/get-payment\n',
    ])
  })

  it('says what is not there', async () => {
    const missing = await run('get Mock payments/get-paymnt')
    expect([missing.code, missing.stdout]).toEqual([1, ''])
    expect(missing.stderr).toContain('did you mean "get-payment"?')
    const anywhere = await run('get Mock get-paymnt')
    expect([anywhere.code, anywhere.stderr]).toEqual([
      1,
      'error: no Mock "get-paymnt" is applied in any namespace; did you mean "get-payment"?\n',
    ])
    const kind = await run('get mok')
    expect([kind.code, kind.stderr]).toEqual([
      3,
      'error: kind: no kind "mok", did you mean Mock? (known: Mock, Namespace)\n',
    ])
    const none = await run('get Mock -n nowhere')
    expect([none.code, none.stdout, none.stderr]).toEqual([0, '', 'no Mock is applied in namespace nowhere\n'])
  })
})

describe('--watch', () => {
  it('shows what changes, and only then, until it is stopped', async () => {
    const enough = new AbortController()
    let asked = 0
    const view = port.controller.views.status
    Object.assign(port.controller.views, {
      status: () => {
        asked++
        if (asked === 4) port.controller.status = status({ generation: 4 })
        if (asked === 7) enough.abort()
        return view()
      },
    })
    const { code, stdout } = await run('status --watch --interval 1ms -o json', { signal: enough.signal })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).generation)).toEqual([3, 4])
    expect(code).toBe(0)
  })

  it('redraws on a terminal', async () => {
    const enough = new AbortController()
    const stop = () => enough.abort()
    const { stdout } = await run('get Mock --watch --interval 1ms', {
      signal: enough.signal,
      isTerminal: true,
      onStdout: stop,
    })
    expect(stdout.startsWith('\u001b[2J\u001b[HNAMESPACE')).toBe(true)
  })

  it('outlives a restart of the controller and complains once', async () => {
    const enough = new AbortController()
    let restarted: Promise<void> | undefined
    const controller = new FakeController()
    controller.status = status({ generation: 9 })
    const { port: number, api } = port
    const { stdout, stderr } = await run('status --watch --interval 1ms -o json', {
      signal: enough.signal,
      onStdout: (all) => {
        if (all.includes('"generation":9')) enough.abort()
        else void api.close()
      },
      onStderr: () => {
        restarted ??= openControlPort({}, controller).then(async (again) => {
          const { port: elsewhere } = again
          expect(elsewhere).not.toBe(number)
          await again.api.close()
          await again.api.listen({ port: number })
          port = again
        })
      },
    })
    await restarted
    expect(stderr.match(/nothing listens/g)).toHaveLength(1)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).generation),
    ).toEqual([3, 9])
  })

  it('ends when the answer is that it may not ask', async () => {
    const { code } = await run('status --watch --interval 1ms --control http://localhost:1/x', {
      env: {},
      signal: AbortSignal.abort(),
    })
    expect(code).toBe(0)
    await port.api.close()
    port = await openControlPort({ tokens: { read: 'read-token' } })
    const refused = await run('status --watch --interval 1ms')
    expect([refused.code, refused.stdout]).toEqual([4, ''])
  })
})

describe('reconcile', () => {
  it('waits for the outcome and shows what changed', async () => {
    const { code, stdout, stderr } = await run('reconcile --allow-prune main@sha1:aaaa')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(
      'applied main@sha1:aaaa1111 (generation 3): Succeeded: applied\n  create Mock payments/create-payment\n',
    )
    expect(port.controller.asked).toEqual([['reconcile', { allowPrune: 'main@sha1:aaaa' }]])
  })

  const outcomes = [
    { outcome: 'applied', code: 0 },
    { outcome: 'unchanged', code: 0 },
    { outcome: 'rejected', code: 1 },
    { outcome: 'suspended', code: 1 },
    { outcome: 'failed', code: 4 },
  ] as const
  for (const { outcome, code } of outcomes) {
    it(`exits with ${code} when the outcome is ${outcome}`, async () => {
      port.controller.revisions = [revision(null, 'aaaa1111', { outcome, changes: [] })]
      const ran = await run('reconcile')
      expect([ran.code, ran.stdout.split(' ')[0]]).toEqual([code, outcome])
      expect(ran.stdout).toContain('payments/mocks.yaml:12:5: error')
    })
  }

  it('is JSON when asked', async () => {
    expect(JSON.parse((await run('reconcile -o json')).stdout)).toMatchObject({ outcome: 'applied', generation: 3 })
  })

  it('gives up after its timeout, which is not an outcome', async () => {
    const url = await listening(createServer(() => {}))
    const ran = await run(`reconcile --timeout 1s --control ${url}`)
    expect([ran.code, ran.stdout]).toEqual([4, ''])
    expect(ran.stderr).toBe(`error: ${url} has not answered within 1s\n`)
  })
})

describe('get revisions', () => {
  it('shows the history, newest first, with who wrote what', async () => {
    const signed = { ...commit, signer: 'ann@example.com (SHA256:abc+/0)' }
    port.controller.revisions = [revision(3, 'aaaa1111', { commit: signed }), revision(null, 'bbbb2222')]
    expect(
      (await run('get revisions')).stdout,
    ).toBe(`GENERATION  TIME                      OUTCOME                      TOOK   CHANGES  REVISION            AUTHOR                 SIGNED BY        SUBJECT
3           2026-01-31T12:00:00.000Z  applied                      13 ms  1        main@sha1:aaaa1111  Ann <ann@example.com>  ann@example.com  Payments are answered
-           2026-01-31T12:00:00.000Z  rejected (ValidationFailed)  13 ms  1        main@sha1:bbbb2222  Ann <ann@example.com>  -                -
`)
    expect(JSON.parse((await run('get revisions -o json')).stdout)[0].commit).toEqual(signed)
  })

  it('shows one by its generation or hash, with what it changed and its problems', async () => {
    port.controller.revisions = [revision(3, 'aaaa1111', { commit }), revision(null, 'bbbb2222')]
    const { stdout } = await run('get revision 3')
    expect(stdout).toContain('Subject     Payments are answered\n')
    expect(stdout).toContain('Signed by   not verified\n')
    expect(stdout).toContain('\n  create Mock payments/create-payment\n')
    expect((await run('get revision bbbb2222')).stdout).toContain('payments/mocks.yaml:12:5: error: unknown field')
  })

  it('knows no namespaces, and says which revision is not there', async () => {
    expect(await run('get revisions -n payments')).toMatchObject({ code: 3 })
    expect(await run('get revision 99')).toMatchObject({ code: 1 })
  })
})

it('suspend says by whom and why', async () => {
  await run('suspend --by ann --reason freeze')
  expect(port.controller.audit.recorded.at(-1)).toMatchObject({
    action: 'suspend',
    details: { by: 'ann', reason: 'freeze', changed: true },
  })
})

it('suspend and resume say whether anything changed', async () => {
  const lines: string[] = []
  for (const command of ['suspend', 'suspend', 'resume', 'resume']) {
    const { code, stdout } = await run(command)
    expect(code).toBe(0)
    lines.push(stdout)
  }
  expect(lines).toEqual([
    'applying is suspended\n',
    'applying was suspended already\n',
    'applying goes on\n',
    'applying was not suspended\n',
  ])
})

it('reset clears what it is told to, and counts it', async () => {
  port.controller.record(request(1))
  const { stdout } = await run('reset --namespace payments --chain c1')
  expect(stdout).toBe('cleared 1 recorded request, 1 chain, 2 global values, 3 counters\n')
  await run('reset')
  expect(port.controller.asked).toEqual([
    ['reset', { namespace: 'payments', chain: 'c1' }],
    ['reset', {}],
  ])
})

describe('verify', () => {
  beforeEach(() => {
    port.controller.record(request(1))
    port.controller.record(request(2, { matched: false, path: '/stubs/payments/order' }))
  })

  const path = '/stubs/payments/orders'
  const cases = [
    { line: `verify GET ${path}`, code: 0, verdict: 'verified' },
    { line: `verify get ${path} --times 1`, code: 0, verdict: 'verified' },
    { line: `verify GET ${path} --times 2`, code: 1, verdict: 'failed' },
    { line: `verify GET ${path} --at-most 0`, code: 1, verdict: 'failed' },
    { line: `verify GET /orders -n payments --at-least 1 --at-most 3`, code: 0, verdict: 'verified' },
    { line: `verify POST ${path} --times 0 --since 5m`, code: 0, verdict: 'verified' },
    { line: 'verify GET * --mock get-payment --times 1', code: 0, verdict: 'verified' },
  ]
  for (const { line, code, verdict } of cases) {
    it(`${line} exits with ${code}`, async () => {
      const ran = await run(line)
      expect([ran.code, ran.stdout.split(':')[0], ran.stderr]).toEqual([code, verdict, ''])
    })
  }

  it('shows what was asked instead, and what it lacked', async () => {
    const { stdout } = await run('verify GET /stubs/payments/ordres')
    expect(stdout).toBe(`failed: GET /stubs/payments/ordres: expected at least 1 time, found 0 times
newest that no mock answered:
  2026-01-31T12:00:00.000Z GET /stubs/payments/order 404; nearest get-payment: header X-Env equals "test", found nothing
`)
  })

  it('exits with 4 when the journal has dropped what it would need', async () => {
    port.controller.complete = false
    const ran = await run(`verify GET ${path} --times 1`)
    expect([ran.code, ran.stdout.split(':')[0]]).toEqual([4, 'unknown'])
  })

  for (const line of [
    'verify GET',
    `verify GET ${path} --times x`,
    `verify GET ${path} --times 1 --at-least 1`,
    'verify GET orders',
    `verify GET ${path}?a=1`,
  ]) {
    it(`${line} is wrong usage`, async () => {
      const ran = await run(line)
      expect([ran.code, ran.stdout]).toEqual([3, ''])
      expect(ran.stderr).toMatch(/^error: /)
    })
  }
})
