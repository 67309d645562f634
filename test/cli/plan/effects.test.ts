import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { declared } from '../../resources/kinds/declared.js'
import { startController } from '../controller.js'
import { type Files, Folder, mock, Repository } from '../repository.js'
import { runCommand } from '../run-command.js'

const schema = JSON.parse(readFileSync('schemas/report/plan.schema.json', 'utf8'))
const isPlan = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(schema)

let repository: Repository
beforeEach(() => {
  repository = new Repository()
})
afterEach(() => repository.remove())

/** What a plan says of the way from one set of files to another: its text and its data, which fits the schema. */
async function planned(base: Files, head: Files, ...args: string[]) {
  repository.commit(base)
  repository.write(head)
  // Hidden: no document.
  const json = `${repository.path}/.plan.json`
  const { code, stdout, stderr } = await runCommand([
    'plan',
    repository.path,
    '--base',
    'main',
    '--write',
    `json=${json}`,
    ...args,
  ])
  const data = JSON.parse(readFileSync(json, 'utf8'))
  expect([isPlan(data), isPlan.errors]).toEqual([true, null])
  return { code, text: stdout, stderr, data }
}

const spec = (http: object, more: object = {}) => ({ http, response: { statusCode: 200 }, ...more })
const answers = (statusCode: number) => ({ response: { statusCode } })
const post = (value: number) => ({
  route: '/pay',
  httpMethod: 'POST',
  conditions: [{ path: '$.amount', assertAction: 'gt', value }],
})

describe('requests that would be answered otherwise', () => {
  const all = declared('Mock', 'shop/all', spec({ route: '/pay', httpMethod: 'POST' }, answers(201)))

  it('are those whose conditions change, also where the mock that loses them does not', async () => {
    const { text } = await planned(
      { 'a.yaml': all, 'b.yaml': declared('Mock', 'shop/large', spec(post(100), answers(402))) },
      { 'b.yaml': declared('Mock', 'shop/large', spec(post(50), answers(402))) },
    )
    expect(text).toContain(
      'POST /stubs/shop/pay with {"amount":51}: was answered by shop/all (201), now by shop/large (402)',
    )
  })

  it('are found where two mocks want the same, and neither has changed what the other asks for', async () => {
    const card = spec(
      { ...post(0), conditions: [{ path: '$.kind', assertAction: 'equals', value: 'card' }] },
      { priority: 2, ...answers(418) },
    )
    const { data } = await planned(
      { 'a.yaml': all, 'b.yaml': declared('Mock', 'shop/large', spec(post(100), answers(402))) },
      { 'c.yaml': declared('Mock', 'shop/card', card) },
    )
    const ways = data.requests.map((one: { before: { mock: { name: string } }; request: { body: string } }) => [
      one.before.mock.name,
      one.request.body,
    ])
    expect(ways).toEqual([
      ['large', '{"kind":"card","amount":101}'],
      ['all', '{"kind":"card"}'],
    ])
  })

  it('are looked for around mocks that would take them all the same', async () => {
    const first = spec({ route: '/*', header: [{ path: 'X-Env', assertAction: 'empty' }] }, { priority: 9 })
    const { text } = await planned(
      { 'a.yaml': declared('Mock', 'shop/first', first) },
      { 'b.yaml': declared('Mock', 'shop/second', spec({ route: '/b' }, answers(204))) },
    )
    expect(text).toContain('GET /stubs/shop/b with X-Env: x: was answered by no mock (404), now by shop/second (204)')
  })

  it('are not those that only get another body', async () => {
    const { data } = await planned(
      { 'a.yaml': mock('a') },
      { 'a.yaml': mock('a').replace('{ok: true}', '{ok: false}') },
    )
    expect([data.changes.length, data.requests, data.requestsTried]).toEqual([1, [], 1])
  })

  it('follow a mock under another name without a word', async () => {
    const { data } = await planned({ 'a.yaml': mock('a') }, { 'a.yaml': mock('a').replace('name: a', 'name: b') })
    expect([data.changes[0].operation, data.requests]).toEqual(['move', []])
  })

  it('are shown without credentials', async () => {
    const secured = spec({
      route: '/a',
      header: [{ path: 'Authorization', assertAction: 'equals', value: 'Bearer s3cret' }],
    })
    const { text, data } = await planned({ 'b.yaml': mock('b') }, { 'a.yaml': declared('Mock', 'shop/a', secured) })
    expect(text).toContain(
      'GET /stubs/shop/a with Authorization: ******: was answered by no mock (404), now by shop/a (200)',
    )
    expect(JSON.stringify(data)).not.toContain('s3cret')
  })

  it('are told of namespaces that are suspended or pass on what they do not know', async () => {
    const shop = (more: object) => declared('Namespace', 'shop', more)
    const { text, data } = await planned(
      { 'a.yaml': mock('a'), 'n.yaml': shop({ suspend: false }) },
      {
        'a.yaml': mock('a', { status: 201 }),
        'n.yaml': shop({ suspend: true, fallback: { proxy: { target: 'https://real.test/x' } } }),
      },
    )
    expect(text).toContain('namespace shop: its mocks would answer 503: it is suspended\n')
    expect(text).toContain(
      'namespace shop: requests that no mock accepts would be passed on to https://real.test instead of answered 404\n',
    )
    expect(text).toContain('was answered by shop/a (200), now by shop/a (503, suspended)')
    expect(data.namespaces.length).toBe(2)
  })

  it('are told of the quotas of namespaces, in every format', async () => {
    const shop = (quota: object) => declared('Namespace', 'shop', { quota })
    const before = { preset: 'starter', mocks: 9, deliveriesPerHour: 100 }
    const after = { channels: { webhook: 3 }, mocks: 9, deliveriesPerHour: 10, events: { run_failed: { limit: 5 } } }
    const markdown = `${repository.path}/.plan.md`
    const { text, data } = await planned(
      { 'n.yaml': shop(before) },
      { 'n.yaml': shop(after) },
      '--write',
      `markdown=${markdown}`,
    )
    const texts = [
      'quota for channels of type discord, slack, teams: no limit instead of 1',
      'quota for channels of type webhook: 3 instead of 1',
      'quota for notifications: 10 an hour instead of 100 an hour',
      'quota for events of run_failed, of which it only warns: 5 a month instead of no limit',
    ]
    for (const one of texts) expect(text).toContain(`namespace shop: ${one}\n`)
    expect(data.namespaces).toEqual(texts.map((one) => ({ namespace: 'shop', text: one })))
    const shown = readFileSync(markdown, 'utf8')
    for (const one of texts) expect(shown).toContain(`- \`shop\`: ${one.replace('_', '\\_')}\n`)
    const against = await planned({ 'n.yaml': shop(before) }, { 'n.yaml': '---\n', 'a.yaml': mock('a') })
    expect(against.text).toContain('namespace shop: quota for mocks: no limit instead of 9\n')
  })

  it('have no plan where a quota would be broken, which is said', async () => {
    const shop = declared('Namespace', 'shop', { quota: { mocks: 1 } })
    const { code, text, data } = await planned({ 'n.yaml': shop, 'a.yaml': mock('a') }, { 'b.yaml': mock('b') })
    const said =
      'the quota of namespace shop for mocks is 1, and it has 2; the first beyond it is Mock "shop/b" (b.yaml:1)'
    expect([code, data.computed]).toEqual([1, false])
    expect(text).toContain(`: new error: ${said} [quota-exceeded]\n`)
    expect(data.problems.new).toMatchObject([{ rule: 'quota-exceeded', file: 'n.yaml', message: said }])
  })

  it('that could not be made are listed, and are no clean answer', async () => {
    const { text, data } = await planned(
      { 'b.yaml': mock('b') },
      { 'a.yaml': declared('Mock', 'shop/a', spec({ routePattern: '/\\p{Lu}' })) },
    )
    const said = 'requests that Mock shop/a answers: no path was found that ~ /\\p{Lu} matches'
    expect(data.notComputed).toEqual([said])
    expect(text).toContain(`and what could not be computed\nnot computed: ${said}\n`)
  })

  it('are known of what a controller has applied, too', async () => {
    repository.write({ 'a.yaml': declared('Mock', 'shop/large', spec(post(100), answers(402))), 'b.yaml': all })
    const controller = await startController(repository.path)
    // Elsewhere: the controller takes what changes in its own folder.
    const head = new Folder()
    try {
      head.write({ 'a.yaml': declared('Mock', 'shop/large', spec(post(50), answers(402))), 'b.yaml': all })
      const { code, stdout } = await runCommand(['plan', head.path, '--against', controller.addresses.control])
      expect([code, stdout]).toEqual([
        0,
        expect.stringContaining('was answered by shop/all (201), now by shop/large (402)'),
      ])
    } finally {
      head.remove()
      await controller.close()
    }
  })
})

describe('messages that would read otherwise', () => {
  const type = (more: object = {}) =>
    declared('EventType', 'order.late', {
      severity: 'warning',
      sample: { order: 'o-1' },
      title: 'Order {{ payload.order }} is late',
      ...more,
    })
  const german = (title: string) => declared('Template', 'late-de', { event: 'order.late', lang: 'de', title })

  it('are shown before and after, for each language', async () => {
    const { text, data } = await planned(
      { 'e.yaml': type(), 't.yaml': german('Zu spät: {{ payload.order }}') },
      { 'e.yaml': type({ body: 'Line one\nLine two' }), 't.yaml': german('Verspätet: {{ payload.order }}') },
    )
    expect(text).toContain(
      'order.late in other languages would read:\n     severity: warning\n     title: Order o-1 is late\n    +Line one\n    +Line two\n',
    )
    expect(text).toContain(
      'order.late in de would read:\n     severity: warning\n    -title: Zu spät: o-1\n    +title: Verspätet: o-1\n    +Line one\n',
    )
    expect(
      data.messages.map(({ places, everywhere }: { places: object[]; everywhere: boolean }) => [
        places.length,
        everywhere,
      ]),
    ).toEqual([
      [1, false],
      [1, false],
    ])
  })

  it('are not those that read the same by another template', async () => {
    const { data } = await planned({ 'e.yaml': type() }, { 't.yaml': german('Order {{ payload.order }} is late') })
    expect([data.counts.create, data.messages]).toEqual([1, []])
  })

  it('show what is new whole, and what a template does wrong', async () => {
    const { text } = await planned({ 'b.yaml': mock('b') }, { 'e.yaml': type({ title: 'Order {{ payload.oder }}' }) })
    expect(text).toContain(
      'order.late would read:\n    +severity: warning\n    +title: Order\n    +warning: payload.oder is not in the sample\n',
    )
  })

  it('cannot break out of the markdown, and mention nobody', async () => {
    const evil = 'x --> </details> ```` @everyone #12 https://evil.test {{ payload.order }}'
    const { text } = await planned({ 'b.yaml': mock('b') }, { 'e.yaml': type({ title: evil }) }, '-o', 'markdown')
    const [before, inside, after] = text.split(/^`{5,}(?:diff)?$/m)
    expect(inside).toContain('+title: x --> </details> ```` @everyone')
    for (const outside of [before, after]) expect(outside).not.toMatch(/@everyone|evil\.test/)
  })
})

describe('what is held back otherwise', () => {
  it('is told of quiet hours and silences', async () => {
    const user = declared('User', 'ann', { email: 'ann@example.com' })
    const quiet = (from: string) =>
      declared('Preference', 'ann', {
        user: 'ann',
        events: {},
        quietHours: { from, to: '07:00', days: ['sat', 'sun'] },
      })
    const { text } = await planned(
      { 'u.yaml': user, 'p.yaml': quiet('22:00') },
      {
        'p.yaml': quiet('21:00'),
        's.yaml': declared('Silence', 'freeze', { match: { event: 'deploy.*' }, until: '2099-01-01T00:00:00Z' }),
      },
    )
    expect(text).toContain(
      '~ ann: quiet 22:00–07:00 on Sat, Sun, sent afterwards → quiet 21:00–07:00 on Sat, Sun, sent afterwards\n',
    )
    expect(text).toContain('+ deploy.*: silent until 2099-01-01T00:00:00.000Z\n')
  })
})

describe('who owns what changes', () => {
  it('is said by the base, so that a change does not choose its reviewers', async () => {
    const { text, data } = await planned(
      { 'mocks/a.yaml': mock('a'), '.github/CODEOWNERS': '/mocks/ @org/mocks\n' },
      { 'mocks/a.yaml': mock('a', { status: 201 }), 'b.yaml': mock('b'), '.github/CODEOWNERS': '* @mallory\n' },
    )
    expect(text).toContain('~ update Mock shop/a  (mocks/a.yaml:1, owned by @org/mocks)\n')
    expect(text).toContain('+ create Mock shop/b  (b.yaml:1)\n')
    expect(data.changes.map(({ owners }: { owners: string[] }) => owners)).toEqual([[], ['@org/mocks']])
  })

  it('counts paths from the top of the repository', async () => {
    repository.commit({ CODEOWNERS: '/sub/mocks/ @mocks\n', 'sub/mocks/a.yaml': mock('a') })
    repository.write({ 'sub/mocks/a.yaml': mock('a', { status: 201 }) })
    const { stdout } = await runCommand(['plan', `${repository.path}/sub/mocks`, '--base', 'main', '-o', 'markdown'])
    expect(stdout).toContain('| update | `Mock shop/a` | `a.yaml:1` | `@mocks` |')
    expect(stdout).toMatch(/^<!-- callboard-plan: sub\/mocks -->\n/)
  })
})

describe('a comment that is too long', () => {
  it('keeps a part of every section and says what is cut', async () => {
    const many = (status: number) =>
      Object.fromEntries(
        Array.from({ length: 700 }, (_, at) => [`m${at}.yaml`, mock(`mock-with-a-long-name-${at}`, { status })]),
      )
    const { text } = await planned(many(200), many(201), '-o', 'markdown')
    expect(text.length).toBeLessThan(60_500)
    for (const what of ['requests', 'changes', 'changes in detail']) {
      expect(text).toMatch(new RegExp(`_Cut here: \\d+ more ${what}\\. `))
    }
    expect(text).toContain('| `GET /stubs/shop/mock-with-a-long-name-0` |')
    expect(text).toContain('| update | `Mock shop/mock-with-a-long-name-0` |')
  })

  it('takes an id that ends no marker', async () => {
    repository.commit({ 'a.yaml': mock('a') })
    for (const id of ['a --> b', '', 'x'.repeat(101), 'a\nb']) {
      const { code } = await runCommand(['plan', repository.path, '--base', 'main', '-o', 'markdown', `--id=${id}`])
      expect(code).toBe(3)
    }
    const { stdout } = await runCommand([
      'plan',
      repository.path,
      '--base',
      'main',
      '-o',
      'markdown',
      '--id',
      'team/a.b',
    ])
    expect(stdout).toMatch(/^<!-- callboard-plan: team\/a\.b -->\n/)
  })
})

describe('histories', () => {
  it('that have nothing in common are compared as they are, and it is said', async () => {
    repository.commit({ 'a.yaml': mock('a') })
    repository.git('switch', '--quiet', '--orphan', 'other')
    repository.commit({ 'b.yaml': mock('b') })
    const { code, stdout } = await runCommand(['plan', repository.path, '--base', 'main'])
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/note: main \(\w{7}\) and what would be merged have no history in common/),
    ])
    expect(stdout).toContain('- prune Mock shop/a')
  })

  it('that a shallow clone has cut off are no plan', async () => {
    repository.commit({ 'a.yaml': mock('a') })
    repository.git('switch', '--quiet', '--create=topic')
    repository.commit({ 'b.yaml': mock('b') })
    repository.git('switch', '--quiet', 'main')
    repository.commit({ 'c.yaml': mock('c') })
    const clone = new Repository()
    try {
      clone.git('fetch', '--quiet', '--depth=1', `file://${repository.path}`, 'main:base', 'topic:topic')
      clone.git('checkout', '--quiet', '--detach', 'topic')
      const { code, stdout, stderr } = await runCommand(['plan', clone.path, '--base', 'base', '--detailed-exitcode'])
      expect([code, stdout]).toEqual([4, ''])
      expect(stderr).toMatch(
        /this clone is shallow and does not reach back to where "HEAD" left "base"; .*fetch-depth: 0/,
      )
    } finally {
      clone.remove()
    }
  })
})
