import type { HttpClient } from '../../network/http-client.js'

/** Shorter texts would hide what is no secret. */
const leastSecret = 4
const mask = '******'

/**
 * The client, with `secrets` hidden in what is answered. For what a credential consists of: a vendor may repeat a token
 * without the URL that was declared, so that nobody else knows it for a secret.
 */
export function masking(http: HttpClient, secrets: readonly string[]): HttpClient {
  const forms = [...new Set(secrets.flatMap((secret) => [secret, decoded(secret), secret.replaceAll('/', '\\/')]))]
    .filter((form) => form.length >= leastSecret)
    .sort((a, b) => b.length - a.length)
  return async (request) => {
    const answer = await http(request)
    return { ...answer, text: forms.reduce((text, form) => text.replaceAll(form, mask), answer.text) }
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
