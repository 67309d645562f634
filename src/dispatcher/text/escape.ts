// Taking the meaning out of characters that a vendor's markup gives one to.

/** `& < >`, as Slack, Google Chat, OpsGenie and HTML text want them. */
export function escapeAngles(text: string): string {
  return text.replace(/[&<>]/g, (character) => angles[character] ?? character)
}

/** As `escapeAngles`, and quotes, for attributes of HTML. */
export function escapeHtml(text: string): string {
  return escapeAngles(text).replaceAll('"', '&quot;')
}

const angles: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
