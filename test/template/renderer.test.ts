import { existsSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { RenderJob } from '../../src/template/render-job.js'
import { createRenderer, type Renderer, type RendererOptions } from '../../src/template/renderer.js'

const compiled = new URL('../../dist/template/render-worker.js', import.meta.url)
const odd = new URL('./workers/odd.mjs', import.meta.url)
const neverReady = new URL('./workers/never-ready.mjs', import.meta.url)

function job(text: string, context: unknown = {}): RenderJob {
  return { parts: [{ name: 'body', text, kind: 'template', roots: 'message' }], context: JSON.stringify(context) }
}

const open: Renderer[] = []
function renderer(options: RendererOptions): Renderer {
  const made = createRenderer(options)
  open.push(made)
  return made
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

describe.each([
  ['on this thread', new URL('./no-such-file.js', import.meta.url)],
  ['in a thread of its own', compiled],
])('rendering %s', (_name, worker) => {
  it.runIf(worker !== compiled || existsSync(compiled))('makes parts of what earlier ones came to', async () => {
    const { texts, failures } = await renderer({ worker, limitMs: 10_000 }).render({
      parts: [
        {
          name: 'severity',
          text: "'error' if payload.n > 1",
          kind: 'expression',
          roots: 'event',
          into: ['event', 'severity'],
        },
        { name: 'title', text: '{{ payload.n }} failed', kind: 'template', roots: 'event', into: ['title'] },
        { name: 'body', text: '{{ title | upper }}: {{ event.severity }}', kind: 'template', roots: 'message' },
      ],
      context: '{"payload": {"n": 12345678901234567890}, "event": {"severity": "info"}}',
    })
    expect(failures).toEqual({})
    expect(texts).toEqual({
      severity: 'error',
      title: '12345678901234567890 failed',
      body: '12345678901234567890 FAILED: error',
    })
  })

  it.runIf(worker !== compiled || existsSync(compiled))('fails parts and not jobs', async () => {
    const { texts, failures } = await renderer({ worker, limitMs: 10_000 }).render({
      parts: [
        {
          name: 'title',
          text: '{% for x in range(999999) %}{% endfor %}',
          kind: 'template',
          roots: 'event',
          into: ['title'],
        },
        { name: 'link', text: '{{ broken text', kind: 'template', roots: 'event' },
        { name: 'body', text: '{{ title }} {{ payload.a }}', kind: 'template', roots: 'message' },
      ],
      context: '{"payload": {"a": 1}, "title": "before"}',
    })
    expect(texts).toEqual({ body: 'before 1' })
    expect(failures).toEqual({
      title: 'the template does too much: it was stopped',
      link: 'line 1: }} is expected here',
    })
  })

  it.runIf(worker !== compiled || existsSync(compiled))('answers many at once, each its own', async () => {
    const { render } = bound(renderer({ worker, limitMs: 10_000 }))
    const all = await Promise.all(
      Array.from({ length: 300 }, (_, index) => render(job('{{ payload }}', { payload: index }))),
    )
    expect(all.map(({ texts }) => texts.body)).toEqual(Array.from({ length: 300 }, (_, index) => String(index)))
  })
})

function bound(made: Renderer): { render: (job: RenderJob) => ReturnType<Renderer['render']> } {
  return { render: (each) => made.render(each) }
}

describe('the rendering thread', () => {
  it('is ended when it hangs, and what waited behind is rendered all the same', async () => {
    const { render } = bound(renderer({ worker: odd, limitMs: 1000 }))
    const results = await Promise.all(['a', 'hang', 'b', 'c'].map((text) => render(job(text))))
    expect(results.map(({ texts }) => texts.body)).toEqual(['a', undefined, 'b', 'c'])
    expect(results[1]?.failures).toEqual({ body: 'the template took more than 1000 ms' })
  })

  it.each([
    ['exit', 'rendering ended early'],
    ['throw', 'rendering failed: broken'],
    ['memory', 'rendering failed: Worker terminated due to reaching memory limit: JS heap out of memory'],
  ])('that ends by %s fails that job alone', async (text, reason) => {
    const { render } = bound(renderer({ worker: odd, limitMs: 30_000 }))
    const [before, broken, after] = await Promise.all(['a', text, 'b'].map((each) => render(job(each))))
    expect(before?.texts.body).toBe('a')
    expect(broken?.failures.body).toBe(reason)
    expect(after?.texts.body).toBe('b')
  })

  it('that does not begin fails what waits for it', async () => {
    const { failures } = await renderer({ worker: neverReady, startMs: 50 }).render(job('a'))
    expect(failures).toEqual({ body: 'rendering did not start' })
  })

  it('begins again after it was idle', async () => {
    const { render } = bound(renderer({ worker: odd, idleMs: 0, limitMs: 10_000 }))
    expect((await render(job('a'))).texts.body).toBe('a')
    await new Promise((resolve) => setImmediate(resolve))
    expect((await render(job('b'))).texts.body).toBe('b')
  })

  it('rejects what is waiting when it is closed, and what comes after', async () => {
    const made = createRenderer({ worker: odd, limitMs: 10_000 })
    const waiting = made.render(job('silent')).catch((error: Error) => error.message)
    const behind = made.render(job('a')).catch((error: Error) => error.message)
    await made.close()
    expect(await Promise.all([waiting, behind])).toEqual(['the renderer was closed', 'the renderer was closed'])
    await expect(made.render(job('a'))).rejects.toThrow('the renderer is closed')
  })
})
