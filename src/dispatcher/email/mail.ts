// A message as an e-mail.

import { createHash } from 'node:crypto'
import { factsOf, type Message } from '../message.js'
import { escapeHtml } from '../text/escape.js'
import { hexColour } from '../text/severity.js'
import { truncate } from '../text/truncate.js'

export const maxTitle = 200
export const maxBody = 100_000

export interface MailAddresses {
  readonly from: string
  readonly to: readonly string[]
  readonly replyTo?: string
}

export interface Unsubscribe {
  readonly url?: string
  readonly mail?: string
  readonly oneClick?: boolean
}

/** What nodemailer is given. */
export interface Mail {
  readonly from: string
  readonly to: readonly { readonly name: string; readonly address: string }[]
  readonly replyTo?: string
  readonly subject: string
  readonly text: string
  readonly html?: string
  readonly messageId: string
  readonly inReplyTo?: string
  readonly references?: string
  readonly date: Date
  readonly priority?: 'high'
  readonly xMailer: false
  readonly headers: Readonly<Record<string, string>>
  readonly disableFileAccess: true
  readonly disableUrlAccess: true
}

export interface MailOptions extends MailAddresses {
  readonly deliveryId: string
  readonly unsubscribe?: Unsubscribe
  /** Milliseconds since 1970. */
  readonly now: number
}

export function toMail(message: Message, options: MailOptions): Mail {
  const { from, to, replyTo, deliveryId, unsubscribe, now } = options
  const domain = domainOf(from)
  const thread = message.key === message.event.id ? undefined : `<${digest(message.key)}.matter@${domain}>`
  return {
    from,
    to: to.map((address) => ({ name: '', address })),
    ...(replyTo !== undefined && { replyTo }),
    subject: truncate(message.title.replace(/[\s\p{Cc}]+/gu, ' ').trim(), maxTitle, 'codepoints'),
    ...contentOf(message),
    // The same for every attempt: whoever gets it twice can tell.
    messageId: `<${digest(deliveryId)}@${domain}>`,
    ...(thread !== undefined && { inReplyTo: thread, references: thread }),
    date: new Date(now),
    ...(message.severity === 'critical' && message.action === 'trigger' && { priority: 'high' as const }),
    xMailer: false,
    headers: {
      // RFC 3834: no automatic answers.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...unsubscribeHeaders(unsubscribe, to),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** RFC 2369 and RFC 8058. Not by nodemailer's `list`, which makes a URL of `List-Unsubscribe=One-Click`. */
function unsubscribeHeaders({ url, mail, oneClick }: Unsubscribe = {}, to: readonly string[]): Record<string, string> {
  const page = url?.replaceAll('{recipient}', encodeURIComponent(to.join(',')))
  const places = [page, mail === undefined ? undefined : `mailto:${mail}?subject=unsubscribe`]
  const list = places.flatMap((place) => (place === undefined ? [] : [`<${place}>`]))
  if (list.length === 0) return {}
  return {
    'List-Unsubscribe': list.join(', '),
    ...(page !== undefined && oneClick === true && { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
  }
}

function domainOf(from: string): string {
  const [, domain = 'localhost'] = /@([^\s@<>]+)>?\s*$/.exec(from) ?? []
  return URL.canParse(`http://${domain}/`) ? new URL(`http://${domain}/`).hostname : 'localhost'
}

/** In the characters that every mail program takes in an id. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

function contentOf(message: Message): { readonly text: string; readonly html?: string } {
  const { title, format } = message
  const body = truncate(message.body, maxBody, 'codepoints')
  if (format === 'native') return { text: withoutTags(body) || title, html: body || escapeHtml(title) }
  if (format === 'plain') return { text: textOf({ ...message, body }, []) }
  const facts = factsOf(message)
  return { text: textOf({ ...message, body }, facts), html: htmlOf({ ...message, body }, facts) }
}

type Facts = ReturnType<typeof factsOf>

function textOf({ title, body, link }: Message, facts: Facts): string {
  const parts = [title, body, facts.map(([name, value]) => `${name}: ${value}`).join('\n'), link ?? '']
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Styles stand at the elements: mail programs leave out everything else. */
function htmlOf({ title, body, link, severity, action }: Message, facts: Facts): string {
  const colour = hexColour(severity, action)
  const heading = link === undefined ? escapeHtml(title) : anchor(link, escapeHtml(title))
  const text = escapeHtml(body).replaceAll('\n', '<br>\n')
  const rows = facts.map(([name, value]) => {
    return `<tr><td style="color:#666;padding:2px 12px 2px 0">${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`
  })
  return [
    '<!doctype html>',
    `<html><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>`,
    '<body style="font-family:sans-serif;font-size:14px;line-height:1.5;color:#222">',
    `<div style="border-left:4px solid ${colour};padding:4px 16px">`,
    `<h1 style="font-size:18px;margin:0 0 8px">${heading}</h1>`,
    ...(text === '' ? [] : [`<p style="margin:0 0 12px">${text}</p>`]),
    `<table style="font-size:13px;border-collapse:collapse">${rows.join('')}</table>`,
    ...(link === undefined ? [] : [`<p style="margin:12px 0 0">${anchor(link, escapeHtml(link))}</p>`]),
    '</div></body></html>',
    '',
  ].join('\n')
}

function anchor(link: string, text: string): string {
  return `<a href="${escapeHtml(link)}">${text}</a>`
}

/** For readers without HTML: roughly what is between the tags. */
function withoutTags(html: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&nbsp;': ' ',
    '&amp;': '&',
  }
  return html
    .replace(/<br\s{0,9}\/?>|<\/(?:p|div|h\d|li|tr)>/gi, '\n')
    .split('<')
    .map((part, index) => (index === 0 ? part : part.slice(part.indexOf('>') + 1)))
    .join('')
    .replace(/&(?:lt|gt|quot|nbsp|amp);/g, (entity) => entities[entity] ?? entity)
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}
