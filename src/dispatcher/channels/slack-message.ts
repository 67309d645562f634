// What a message looks like in Slack. https://docs.slack.dev/reference/block-kit

import { factsOf, type Message } from '../message.js'
import { escapeAngles } from '../text/escape.js'
import { hexColour } from '../text/severity.js'
import { truncate, truncateEscaped } from '../text/truncate.js'

/** Slack cuts longer ones by itself. */
const maxText = 40_000
/** Of a header block. */
export const maxTitle = 150
/** Of a section block. */
export const maxBody = 3000
const maxField = 2000
const fieldsOfSection = 10
/** Of a message. */
const maxBlocks = 50
/** Of the text with a link in it: a section as well. */
const maxLink = 2900

type Json = Readonly<Record<string, unknown>>

/** As `chat.postMessage` and incoming webhooks take it, without where to. */
export function slackMessage(message: Message): Json {
  return { ...forms[message.format](message), unfurl_links: false, unfurl_media: false }
}

const forms: Readonly<Record<Message['format'], (message: Message) => Json>> = {
  native: ({ title, body }) => ({ text: truncate(body === '' ? title : body, maxText, 'utf16') }),
  // Asterisks and the like have no escapes: without `mrkdwn` they mean nothing.
  plain: ({ title, body, link }) => {
    const tail = link === undefined ? '' : `\n${escapeAngles(link)}`
    const head = [title, body].filter((line) => line !== '').join('\n')
    return { text: escaped(head, maxText - tail.length) + tail, mrkdwn: false }
  },
  rich: (message) => ({
    // What notifications show in place of the blocks.
    text: escaped(message.title, maxBody),
    blocks: [{ type: 'header', text: plainText(message.title, maxTitle) }],
    // Only attachments have a colour.
    attachments: [{ color: hexColour(message.severity, message.action), blocks: details(message) }],
  }),
}

function details(message: Message): readonly Json[] {
  const { body, link } = message
  const facts = factsOf(message).map(([name, value]) => plainText(`${name}\n${value}`, maxField))
  const sections: Json[] = body === '' ? [] : [{ type: 'section', text: plainText(body, maxBody) }]
  for (let at = 0; at < facts.length && sections.length < maxBlocks - 2; at += fieldsOfSection) {
    sections.push({ type: 'section', fields: facts.slice(at, at + fieldsOfSection) })
  }
  if (link !== undefined && link.length <= maxLink) {
    sections.push({ type: 'context', elements: [{ type: 'mrkdwn', text: `<${linkTarget(link)}|Open>` }] })
  }
  return sections
}

/** Shown as it is: neither markup nor mentions. */
function plainText(text: string, max: number): Json {
  return { type: 'plain_text', text: truncate(text, max, 'utf16'), emoji: false }
}

function escaped(text: string, max: number): string {
  return truncateEscaped(text, escapeAngles, max, 'utf16')
}

/** What would end the link or begin its label is written as URLs write it. */
function linkTarget(url: string): string {
  return url.replace(/[<>|]/g, (character) => encodeURIComponent(character)).replaceAll('&', '&amp;')
}
