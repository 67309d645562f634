// Every folder in examples/ loads without a problem, and answers as its comments say.

import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ask } from './e2e/ask.js'
import { curlsIn, parseCurl } from './e2e/curl.js'
import { Folder } from './e2e/folder.js'
import { condition, Running } from './e2e/running.js'

const examples = fileURLToPath(new URL('../examples', import.meta.url))
const names = readdirSync(examples, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
)
const strict = { strict: true, network: { allow: ['127.0.0.1'] } }

function folderOf(name: string): Folder {
  const folder = new Folder()
  cpSync(join(examples, name), folder.root, { recursive: true })
  return folder
}

function quickstart(): Promise<Running> {
  return Running.start(folderOf('quickstart'), strict)
}

/** For who has to be told a port before it is taken. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** The command of `file` that has `part` in it, sent to the running program. */
function curl(running: Running, file: string, part: string | RegExp) {
  const text = readFileSync(join(examples, 'quickstart', file), 'utf8')
  const found = curlsIn(text).filter((line) => (typeof part === 'string' ? line.includes(part) : part.test(line)))
  const [line] = found
  if (line === undefined || found.length > 1) throw new Error(`${found.length} commands with ${part} in ${file}`)
  const { url, ...options } = parseCurl(line)
  return ask(url.replace('http://localhost:5770', running.resolver), options)
}

/** How many an example is known to show. */
const leastCommands: Readonly<Record<string, number>> = { quickstart: 6, team: 2 }

describe.each(names)('examples/%s', (name) => {
  it('loads under --strict without a problem', async () => {
    const running = await Running.start(folderOf(name), strict)
    const status = await running.status()
    expect(status.problems).toEqual([])
    expect(condition(status, 'Ready')).toMatchObject({ status: 'True', reason: 'Succeeded' })
    expect(status.counts.resources.Mock).toBeGreaterThan(0)
  })

  it('shows commands that all get an answer from a mock, but where a comment says otherwise', async () => {
    const running = await Running.start(folderOf(name), strict)
    const all = readdirSync(join(examples, name), { recursive: true, encoding: 'utf8' })
    const files = all.filter((file) => file.endsWith('.yaml') && file !== 'proxy.yaml')
    let sent = 0
    for (const file of files) {
      for (const line of curlsIn(readFileSync(join(examples, name, file), 'utf8'))) {
        const { url, ...options } = parseCurl(line)
        const { status, headers } = await ask(url.replace('http://localhost:5770', running.resolver), options)
        sent += 1
        if (status !== 404) expect(headers['callboard-mock'], line).toBeDefined()
        else expect(line).toBe('curl -s localhost:5770/api/users/7')
      }
    }
    expect(sent).toBeGreaterThanOrEqual(leastCommands[name] ?? 1)
  })
})

describe('the quickstart', () => {
  it('answers a payment with what was sent, types kept, beside made-up values', async () => {
    const running = await quickstart()
    const first = await curl(running, 'payments.yaml', '"amount": 2500')
    const second = await curl(running, 'payments.yaml', '"amount": 2500')
    expect(first).toMatchObject({
      status: 201,
      headers: { 'callboard-mock': 'payments/create-payment' },
      json: {
        id: expect.stringMatching(/^pi_[0-9a-f]{8}-[0-9a-f]{4}-/),
        status: 'succeeded',
        amount: 2500,
        currency: 'eur',
        created: expect.any(Number),
      },
    })
    expect(first.headers['content-type']).toMatch(/^application\/json/)
    expect((first.json as { id: string }).id).not.toBe((second.json as { id: string }).id)
  })

  it.each([
    { amount: 100_000, status: 201 },
    { amount: 100_001, status: 402 },
  ])('answers an amount of $amount with $status', async ({ amount, status }) => {
    const running = await quickstart()
    const reply = await running.ask('/stubs/payments/v1/payments', { body: { amount, currency: 'eur' } })
    expect(reply.status).toBe(status)
    if (status === 402) {
      const message = `Amount ${amount} is above the limit`
      expect(reply.json).toEqual({ error: { code: 'card_declined', message } })
    }
  })

  it('answers a receipt from the file beside the document, and an edit to that file is live', async () => {
    const running = await quickstart()
    const { status, json } = await curl(running, 'payments.yaml', 'receipt')
    expect(status).toBe(200)
    expect(json).toEqual({
      payment: 'pi_42',
      issued: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      lines: [{ text: 'One ticket', amount: 2500 }],
      note: 'Receipt for pi_42',
    })
    running.folder.write('payloads/receipt.json', '{"paid": "$.pathParam.id"}')
    const path = '/stubs/payments/v1/payments/pi_42/receipt'
    const edited = await running.answerOnce(path, ({ text }) => text.includes('paid'))
    expect(edited.json).toEqual({ paid: 'pi_42' })
  })

  it('keeps a cart for each of many sessions that run at once', async () => {
    const running = await quickstart()
    const sessions = Array.from({ length: 12 }, (_, index) => ({ name: `session-${index}`, times: index + 1 }))
    await Promise.all(
      sessions.map(async ({ name, times }) => {
        const counts = await Promise.all(
          Array.from({ length: times }, async () => {
            const { json } = await running.ask('/stubs/shop/cart/items', {
              headers: { 'X-Session': name },
              body: { sku: 'tea', quantity: 2 },
            })
            expect(json).toMatchObject({ session: name })
            return (json as { items: number }).items
          }),
        )
        expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: times }, (_, index) => 2 * (index + 1)))
      }),
    )
    const everybody = sessions.reduce((sum, { times }) => sum + 2 * times, 0)
    for (const { name, times } of sessions) {
      const { json } = await running.ask('/stubs/shop/cart', { headers: { 'x-session': name } })
      expect(json).toEqual({ items: 2 * times, last: 'tea', addedByEverybody: everybody })
    }
    const fresh = await curl(running, 'cart.yaml', "shop/cart -H 'x-session: ann'")
    expect(fresh.json).toEqual({ items: 0, last: null, addedByEverybody: everybody })
    const added = await curl(running, 'cart.yaml', '/items')
    expect(added).toMatchObject({ status: 201, json: { session: 'ann', items: 2 } })
    await running.restart()
    const after = await curl(running, 'cart.yaml', "shop/cart -H 'x-session: ann'")
    expect(after.json).toEqual({ items: 2, last: 'tea', addedByEverybody: everybody + 2 })
  })

  it('answers in turn, and begins again after the last', async () => {
    const running = await quickstart()
    const statuses: unknown[] = []
    for (let turn = 0; turn < 4; turn += 1) {
      const { json } = await curl(running, 'one-of.yaml', '/orders/7/status')
      expect(json).toMatchObject({ order: '7' })
      statuses.push((json as { status: string }).status)
    }
    expect(statuses).toEqual(['packing', 'shipped', 'delivered', 'packing'])
  })

  it('draws by weight', async () => {
    const running = await quickstart()
    const replies = await Promise.all(Array.from({ length: 300 }, () => running.ask('/stubs/shop/stock/tea')))
    const missing = replies.filter(({ status }) => status === 404)
    for (const { json, status } of replies) expect(json).toEqual({ sku: 'tea', available: status === 200 })
    // Nine to one: out of 300, fewer than 3 or more than 90 happen less often than once in a million runs.
    expect(missing.length).toBeGreaterThan(2)
    expect(missing.length).toBeLessThan(90)
  })

  it('fails half of the time, in the same way each time it is started', async () => {
    const runs: number[][] = []
    for (let run = 0; run < 2; run += 1) {
      const running = await quickstart()
      const statuses: number[] = []
      for (let n = 0; n < 40; n += 1) statuses.push((await curl(running, 'faults.yaml', 'search?q=tea')).status)
      runs.push(statuses)
    }
    const [first = []] = runs
    expect(runs[1]).toEqual(first)
    const failed = first.filter((status) => status === 503).length
    expect(first.filter((status) => status === 200).length).toBe(40 - failed)
    expect(failed).toBeGreaterThan(8)
    expect(failed).toBeLessThan(32)
  })

  it('is out of vouchers after three, also after a restart', async () => {
    const running = await quickstart()
    const voucher = () => running.ask('/stubs/shop/vouchers/summer', { method: 'POST' })
    for (let use = 0; use < 2; use += 1) {
      expect(await voucher()).toMatchObject({
        status: 200,
        json: { voucher: 'summer', code: expect.stringMatching(/^S-\d{4}$/) },
      })
    }
    await running.restart()
    expect((await voucher()).status).toBe(200)
    expect((await voucher()).status).toBe(404)
    await running.restart()
    expect((await voucher()).status).toBe(404)
  })

  it('passes a request on to another server, which may be itself where settings allow it', async () => {
    const folder = folderOf('quickstart')
    const port = await freePort()
    const text = readFileSync(folder.at('proxy.yaml'), 'utf8')
    expect(text).toContain('http://127.0.0.1:5770')
    folder.write('proxy.yaml', text.replace('http://127.0.0.1:5770', `http://127.0.0.1:${port}`))
    const network = { allow: [`127.0.0.1:${port}`] }
    const running = await Running.start(folder, { strict: true, network, ports: { resolver: port, control: 0 } })
    const path = '/stubs/shop/stubs/payments/v1/payments/pi_42/receipt'
    const reply = await running.ask(path)
    expect(reply.json).toMatchObject({ payment: 'pi_42', note: 'Receipt for pi_42' })
    // Both are mocks of this server; the answer names the one that was asked, and its request can be looked up.
    expect(reply.headers['callboard-mock']).toBe('shop/payments-gateway')
    const id = reply.headers['callboard-request-id']
    expect(await running.see(`/api/v1/requests/${id}`)).toMatchObject({ path })
    const { json } = await running.ask('/stubs/shop/stubs/payments/v1/payments', { body: { amount: 12.5 } })
    expect(json).toMatchObject({ status: 'succeeded', amount: 12.5 })
  })

  it('refuses to pass a request on to a private address that settings do not allow', async () => {
    const running = await Running.start(folderOf('quickstart'), { strict: true })
    const { status, text } = await running.ask('/stubs/shop/stubs/payments/v1/payments/pi_42/receipt')
    expect(status).toBe(502)
    expect(text).toContain('network.allow')
  })

  it('answers bare paths of the default namespace, and says what differed when nothing matches', async () => {
    const running = await quickstart()
    const found = await curl(running, 'users.yaml', 'x-env')
    expect(found).toMatchObject({
      status: 200,
      json: { id: '7', name: expect.stringMatching(/\S \S/), email: expect.stringContaining('@') },
    })
    const { status, headers, json } = await curl(running, 'users.yaml', /users\/7$/)
    expect(status).toBe(404)
    expect(headers['content-type']).toBe('application/problem+json')
    expect(json).toMatchObject({
      nearMisses: expect.arrayContaining([
        expect.objectContaining({
          mock: 'sandbox/user',
          file: 'users.yaml',
          differs: [expect.stringMatching(/X-Env/i)],
        }),
      ]),
    })
  })

  it.each([
    { name: 'all conditions hold', body: { email: 'a@b.c', age: 30, roles: ['reader', 'x'] }, status: 201 },
    { name: 'too young', body: { email: 'a@b.c', age: 17, roles: ['reader'] }, status: 404, differs: /age/ },
    { name: 'no such role', body: { email: 'a@b.c', age: 30, roles: ['x'] }, status: 404, differs: /roles/ },
    { name: 'no e-mail', body: { email: 'a', age: 30, roles: ['reader'] }, status: 404, differs: /email/ },
  ])('registers a user only when all conditions hold: $name', async ({ body, status, differs }) => {
    const running = await quickstart()
    const reply = await running.ask('/api/users', { body })
    expect(reply.status).toBe(status)
    if (status === 201) expect(reply.json).toMatchObject({ email: body.email })
    else expect(reply.text).toMatch(differs ?? /./)
  })
})
