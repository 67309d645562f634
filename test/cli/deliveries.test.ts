import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { type ControlPort, openControlPort, tokens } from '../status/control-port.js'
import { delivery } from '../status/fake-deliveries.js'
import { type RunOptions, runCommand } from './run-command.js'

let port: ControlPort
beforeEach(async () => {
  port = await openControlPort()
})
afterEach(() => port.api.close())

const run = (line: string, options: RunOptions = {}) =>
  runCommand(line.split(' '), {
    env: { CALLBOARD_CONTROL_URL: `http://127.0.0.1:${port.port}`, CALLBOARD_TOKEN: tokens.operate },
    ...options,
  })

/** d0001 delivered, d0002 dead, d0003 pending, d0004 retrying and held, d0005 dead. */
function fill(): void {
  const { deliveries } = port.controller
  deliveries.put(delivery(1))
  deliveries.put(delivery(2, { status: 'dead_letter' }))
  deliveries.put(delivery(3, { status: 'pending', mock: { namespace: 'shop', name: 'order' }, namespace: 'shop' }))
  const until = '2026-01-31T12:00:30.000Z'
  deliveries.put(delivery(4, { status: 'retrying', held: { reason: 'breaker', until } }))
  deliveries.put(delivery(5, { status: 'dead_letter' }))
}

const idsOf = (stdout: string) => JSON.parse(stdout).map(({ id }: { id: string }) => id)

describe('deliveries list', () => {
  it('shows the latest first, with where each stands and what went wrong last', async () => {
    fill()
    const { code, stdout, stderr } = await run('deliveries list')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      'ID     ACCEPTED                  STATUS                                         ATTEMPTS  FIRED BY                 DECLARED AS  TARGET                    LAST ERROR',
      'd0005  2026-01-31T12:00:00.000Z  dead_letter (attempts)                         1         payments/create-payment  notify-shop  https://shop.example.com  server: answered 503',
      'd0004  2026-01-31T12:00:00.000Z  held (breaker until 2026-01-31T12:00:30.000Z)  1         payments/create-payment  notify-shop  https://shop.example.com  server: answered 503',
      'd0003  2026-01-31T12:00:00.000Z  pending                                        0         shop/order               notify-shop  https://shop.example.com  -',
      'd0002  2026-01-31T12:00:00.000Z  dead_letter (attempts)                         1         payments/create-payment  notify-shop  https://shop.example.com  server: answered 503',
    ])
  })

  it('is what "deliveries" alone does, with the same options', async () => {
    fill()
    expect((await run('deliveries')).stdout).toBe((await run('deliveries list')).stdout)
    expect(idsOf((await run('deliveries --status dead_letter -o json')).stdout)).toEqual(['d0005', 'd0002'])
  })

  it.each([
    { filter: '--status dead_letter,held', ids: ['d0005', 'd0004', 'd0002'] },
    { filter: '--status pending', ids: ['d0003'] },
    { filter: '-n shop', ids: ['d0003'] },
    { filter: '--mock shop/order', ids: ['d0003'] },
    { filter: '--mock order --transport http --kind callback --callback notify-shop', ids: ['d0003'] },
    { filter: '--transport kafka', ids: [] },
    { filter: '--target https://elsewhere.example.com', ids: [] },
    { filter: '--request r0001 --chain c', ids: [] },
    { filter: '--revision 3 --status delivered', ids: ['d0001'] },
    { filter: '--revision main@sha1:aaaa1111 --status delivered', ids: ['d0001'] },
    { filter: '--since 5m --until 2026-01-31T12:00:01Z --status delivered', ids: ['d0001'] },
    { filter: '--until 2026-01-31T12:00:00Z', ids: [] },
  ])('filters by $filter', async ({ filter, ids }) => {
    fill()
    const { code, stdout } = await run(`deliveries list ${filter} -o json`)
    expect([code, idsOf(stdout)]).toEqual([0, ids])
  })

  it('follows pages up to its limit, and says when there are more', async () => {
    for (let number = 1; number <= 1203; number += 1) port.controller.deliveries.put(delivery(number))
    const all = await run('deliveries --limit 2000 -o json')
    expect([idsOf(all.stdout).length, all.stderr]).toEqual([1203, ''])
    const some = await run('deliveries --limit 3 -o json')
    expect(idsOf(some.stdout)).toEqual(['d1203', 'd1202', 'd1201'])
    expect(some.stderr).toContain('there are more')
  })

  it.each([
    ['deliveries foo', 'there is no such command of deliveries; to see the delivery with this id: deliveries show foo'],
    ['deliveries reqeue', 'there is no such command of deliveries; did you mean requeue?'],
    ['deliveries --transport htpp', 'there is no such transport; did you mean http?'],
    ['deliveries --transport carrier-pigeon', 'transports are http, kafka, rabbitmq, notification'],
  ])('refuses "%s", and says what may be meant', async (line, message) => {
    const { code, stderr } = await runCommand(line.split(' '))
    expect(code).toBe(3)
    expect(stderr).toContain(message)
  })

  it('says when there is nothing, on stderr', async () => {
    expect(await run('deliveries')).toEqual({ code: 0, stdout: '', stderr: 'no delivery yet\n' })
    expect((await run('deliveries --chain c')).stderr).toBe('no delivery matches\n')
  })

  it('waits for a match, and exits with 1 when none comes', async () => {
    const { deliveries } = port.controller
    deliveries.happening.onWatch = () => setImmediate(() => deliveries.put(delivery(7)))
    const found = await run('deliveries --status delivered --wait 30s -o json')
    expect([found.code, idsOf(found.stdout)]).toEqual([0, ['d0007']])
    expect((await run('deliveries --status cancelled --wait 5ms')).code).toBe(1)
  })

  it('with --watch shows what changes', async () => {
    const enough = new AbortController()
    const { deliveries } = port.controller
    deliveries.put(delivery(1, { status: 'pending' }))
    const { stdout } = await run('deliveries --watch --interval 1ms -o json', {
      signal: enough.signal,
      onStdout: (text) => {
        if (text.includes('delivered')) enough.abort()
        else deliveries.put(delivery(1))
      },
    })
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)[0].status),
    ).toEqual(['pending', 'delivered'])
  })

  it.each([
    'deliveries --status dead',
    'deliveries --since yesterday',
    'deliveries --limit 0',
    'deliveries --wait 5ms --watch',
    'deliveries nonsense',
    'deliveries show',
  ])('%s is wrong usage', async (line) => {
    const { code, stdout, stderr } = await run(line)
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toMatch(/^error: /)
  })
})

describe('deliveries show', () => {
  it('shows what is sent, without its secrets, and every attempt', async () => {
    fill()
    const { code, stdout } = await run('deliveries show d0002')
    expect(code).toBe(0)
    expect(stdout).toBe(`Delivery  d0002
Status    dead_letter (attempts)
For       callback by http
Fired by  payments/create-payment
Declared  callback notify-shop
Request   r0001
Revision  main@sha1:aaaa1111
Target    https://shop.example.com
Accepted  2026-01-31T12:00:00.000Z
Finished  2026-01-31T12:00:00.000Z
Expires   2026-02-03T12:00:00.000Z
Attempts  1; 1 of 3 used in round 1, 1 s between (fixed), 30 s each

  POST https://shop.example.com/hooks
  Authorization: Bearer <secret: env SHOP_TOKEN>

  {"paid":true}

ATTEMPT  ROUND  BEGAN                     TOOK   OUTCOME  ANSWERED  DETAIL
1        1      2026-01-31T12:00:00.000Z  12 ms  server   503       answered 503
`)
  })

  it('is JSON or YAML when asked', async () => {
    fill()
    const want = delivery(1)
    expect(JSON.parse((await run('deliveries show d0001 -o json')).stdout)).toEqual(want)
    expect(parseYaml((await run('deliveries show d0001 -o yaml')).stdout)).toEqual(want)
  })

  it('exits with 1 for one that is not there', async () => {
    const { code, stdout, stderr } = await run('deliveries show d9999')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('no delivery "d9999"')
  })

  it('lets nothing that was sent or answered steer the terminal', async () => {
    const [attempt] = delivery(1).attempts
    if (attempt === undefined) throw new Error('the fake has an attempt')
    const evil = '\u001b[2J\u202eevil'
    const sent = { ...delivery(1).sent, body: evil } as ReturnType<typeof delivery>['sent']
    port.controller.deliveries.put(delivery(1, { sent, attempts: [{ ...attempt, response: evil }] }))
    const { stdout } = await run('deliveries show d0001')
    expect(stdout).not.toContain('\u001b')
    expect(stdout.match(/ \[2J evil/g)).toHaveLength(2)
  })
})

describe('deliveries requeue, cancel, fire', () => {
  it.each([
    { operation: 'requeue', id: 'd0002', done: 'requeued' },
    { operation: 'cancel', id: 'd0003', done: 'cancelled' },
    { operation: 'fire', id: 'd0004', done: 'fired' },
  ])('$operation does it to one', async ({ operation, id, done }) => {
    fill()
    expect(await run(`deliveries ${operation} ${id}`)).toEqual({ code: 0, stdout: `${done} ${id}\n`, stderr: '' })
    expect(port.controller.deliveries.asked).toEqual([[operation, id]])
  })

  it('does it to each that it can be done to, and exits with 1 when there was another', async () => {
    fill()
    port.controller.deliveries.busy.add('d0005')
    const { code, stdout, stderr } = await run('deliveries requeue d0002 d0001 d9999 d0005')
    expect([code, stdout]).toEqual([1, 'requeued d0002\n'])
    expect(stderr).toBe(
      [
        'error: "d0001" is delivered; only a dead letter can be sent again\n',
        'error: no delivery "d9999"; finished ones are dropped after some time\n',
        'error: an attempt at "d0005" is under way; ask again when it has ended\n',
      ].join(''),
    )
  })

  it('with --dry-run says how many and which, does nothing, and prints what does just that', async () => {
    fill()
    const shown = await run('deliveries requeue --mock create-payment --dry-run')
    expect(shown.stdout).toMatch(
      /^requeue would change 2 deliveries\n {2}d0002\n {2}d0005\nto do it: callboard (deliveries requeue --confirm [\w-]+)\n$/,
    )
    expect(port.controller.deliveries.asked).toEqual([])
    port.controller.deliveries.put(delivery(6, { status: 'dead_letter' }))
    const [, line = ''] = /callboard (.*)/.exec(shown.stdout) ?? []
    expect(await run(line)).toEqual({ code: 0, stdout: 'requeued 2 of 2 deliveries\n', stderr: '' })
    expect(port.controller.deliveries.asked).toEqual([
      ['requeue', 'd0002'],
      ['requeue', 'd0005'],
    ])
    expect((await run(line)).code).toBe(4)
  })

  it('does it to all that a filter means at once', async () => {
    fill()
    const { code, stdout } = await run('deliveries cancel -n shop -o json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ operation: 'cancel', dryRun: false, matched: 1, changed: 1 })
    expect((await run('deliveries cancel -n shop')).stdout).toBe('cancelled 0 of 0 deliveries\n')
    expect((await run('deliveries requeue --all')).stdout).toBe('requeued 2 of 2 deliveries\n')
  })

  it('exits with 1 when some had changed since they were looked for', async () => {
    fill()
    const { deliveries } = port.controller
    deliveries.busy.add('d0002')
    const { code, stdout, stderr } = await run('deliveries requeue --all')
    expect([code, stdout]).toEqual([1, 'requeued 1 of 2 deliveries\n'])
    expect(stderr).toBe('left alone, because it had changed meanwhile: 1 delivery\n')
  })

  it.each([
    'deliveries requeue',
    'deliveries requeue --dry-run',
    'deliveries requeue d0001 --all',
    'deliveries cancel d0001 --status pending',
    'deliveries fire --confirm x --all',
    'deliveries fire --confirm x --dry-run',
    'deliveries cancel d0001 --dry-run',
    'deliveries cancel --status nothing',
  ])('%s is wrong usage, and asks for nothing', async (line) => {
    fill()
    const { code, stdout, stderr } = await run(line)
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toMatch(/^error: /)
    expect(port.controller.deliveries.asked).toEqual([])
  })

  it('needs the operate token', async () => {
    fill()
    const env = { CALLBOARD_CONTROL_URL: `http://127.0.0.1:${port.port}` }
    const { code, stderr } = await run('deliveries requeue d0002', { env })
    expect([code, port.controller.deliveries.asked]).toEqual([4, []])
    expect(stderr).toContain('--token')
  })
})
