// The page at `/`: what is served and where to look further. No script, so nothing declared can become one.
import { createHash } from 'node:crypto'
import type { MockView } from './views.js'

export interface IndexView {
  readonly name: string
  readonly version: string
  readonly source: string
  readonly revision: string | null
  readonly ready: string
  readonly resources: Readonly<Record<string, number>>
  readonly mocks: readonly MockView[]
  readonly links: readonly { readonly method: string; readonly path: string; readonly summary: string }[]
}

const style =
  'body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222;background:#fff}' +
  'table{border-collapse:collapse;width:100%;margin-bottom:2rem}th,td{text-align:left;padding:.3rem .8rem .3rem 0;' +
  'border-bottom:1px solid #ddd;vertical-align:top}code{font:13px ui-monospace,monospace}' +
  '@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}th,td{border-color:#333}a{color:#8bf}}'

/** Allows this page's own style and nothing else. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function renderIndexPage(view: IndexView): string {
  const counts = Object.entries(view.resources).map(([kind, count]) => `${count} ${kind}`)
  const facts = [
    ['Source', code(view.source)],
    ['Revision', view.revision === null ? 'none yet' : code(view.revision)],
    ['Ready', escapeHtml(view.ready)],
    ['Applied', escapeHtml(counts.join(', ') || 'nothing')],
  ]
  const mocks = view.mocks.map((mock) => [
    code(`${mock.method ?? 'ANY'} ${mock.route}`),
    escapeHtml(`${mock.namespace === '' ? '' : `${mock.namespace}/`}${mock.name}`),
    String(mock.hits),
    code(`${mock.file}:${mock.line}`),
  ])
  const links = view.links.map(({ method, path, summary }) => [
    method === 'GET' && !path.includes('{')
      ? `<a href="${escapeHtml(path)}">${code(path)}</a>`
      : code(`${method} ${path}`),
    escapeHtml(summary),
  ])
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Callboard</title>',
    `<meta name="viewport" content="width=device-width"><style>${style}</style></head><body>`,
    `<h1>Callboard ${escapeHtml(view.version)}</h1>`,
    table([], facts),
    '<h2>Mocks</h2>',
    mocks.length === 0 ? '<p>None.</p>' : table(['Answers', 'Mock', 'Hits', 'Declared in'], mocks),
    '<h2>Paths</h2>',
    table(['Path', 'Shows'], links),
    '</body></html>\n',
  ].join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const header = head.length === 0 ? '' : `<tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join('')}</tr>`
  return `<table>${header}${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</table>`
}

const code = (text: string): string => `<code>${escapeHtml(text)}</code>`

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
