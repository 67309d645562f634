// Credentials that can be told by their form, in fields that no schema calls secret. Only forms that their makers document
// and nothing else has: a false alarm teaches people to read past the true ones.

import { type Json, RawNumber } from '../expression/json.js'

const forms: readonly (readonly [what: string, form: RegExp])[] = [
  ['a Slack webhook URL', /https:\/\/hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/]{20,}/],
  ['a Slack token', /\bxox[abeprs]-[\w-]{20,}|\bxapp-\d-[\w-]{20,}/],
  ['a Discord webhook URL', /https:\/\/(?:\w+\.)?discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d{15,}\/[\w-]{50,}/],
  ['a Telegram bot token', /(?<!\d)\d{8,10}:AA[\w-]{33}(?![\w-])/],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})/],
  ['a GitLab token', /\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[\w-]{20,}/],
  ['a Stripe key', /\b[rs]k_live_[A-Za-z0-9]{20,}/],
  ['a SendGrid key', /\bSG\.[\w-]{22}\.[\w-]{43}/],
  ['an age key', /\bAGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{50,}/],
  ['a private key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/],
]
/** Shorter than any of them. */
const leastLength = 26

/** What of a spec is sent to others. What a mock answers and expects is made up, with tokens that look real. */
const sentParts: Readonly<Record<string, readonly string[]>> = {
  mock: ['webhooks', 'proxy'],
  callback: ['url', 'headers', 'body', 'webhooks'],
  channel: ['config'],
  'namespace-webhook': ['url', 'headers', 'body'],
  'admin-webhook': ['url', 'headers', 'body'],
}

/** `schema`: name of the kind's schema file. */
export function visitKnownTokens(
  schema: string,
  spec: Json,
  visit: (path: readonly (string | number)[], what: string) => void,
): void {
  for (const part of sentParts[schema] ?? []) {
    const value = (spec as { readonly [key: string]: Json })[part]
    if (value !== undefined) walk(value, [part], visit)
  }
}

function walk(
  value: Json,
  path: (string | number)[],
  visit: (path: readonly (string | number)[], what: string) => void,
) {
  if (typeof value === 'string') {
    const found = value.length < leastLength ? undefined : forms.find(([, form]) => form.test(value))
    if (found !== undefined) visit(path, found[0])
    return
  }
  if (value === null || typeof value !== 'object' || value instanceof RawNumber) return
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value)
  for (const [key, item] of entries) {
    path.push(key)
    walk(item, path, visit)
    path.pop()
  }
}

/** `{env}` in place of a field's literal, and the other way. */
export function secretHint(field: string): string {
  const name = field
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/\W+/g, '_')
    .toUpperCase()
  return `write ${field}: {env: ${name}} or {file: path}, or encrypt the value with SOPS`
}
