// What a message looks like in Discord. https://docs.discord.com/developers/resources/message#embed-object

import { factsOf, type Message } from '../message.js'
import { colours, resolvedColour } from '../text/severity.js'
import { truncate, truncateEscaped } from '../text/truncate.js'

/** Of the text of a message. */
const maxContent = 2000
export const maxTitle = 256
export const maxBody = 4096
const maxFields = 25
const maxName = 256
const maxValue = 1024
/** Of an embed's texts together. */
const maxEmbed = 6000
/** Of a URL. */
const maxLink = 2048
/** What is linked to is not shown beside the text. */
const suppressEmbeds = 1 << 2

type Json = Readonly<Record<string, unknown>>

/** As webhooks take it. Nobody is ever mentioned by it. */
export function discordMessage(message: Message): Json {
  return { ...forms[message.format](message), allowed_mentions: { parse: [] } }
}

const forms: Readonly<Record<Message['format'], (message: Message) => Json>> = {
  native: ({ title, body }) => ({ content: truncate(body === '' ? title : body, maxContent, 'utf16') }),
  plain: ({ title, body, link }) => {
    const tail = isShort(link) && link.length < maxContent / 2 ? `\n${link}` : ''
    const head = [title, body].filter((line) => line !== '').join('\n')
    return { content: escaped(head, maxContent - tail.length) + tail, flags: suppressEmbeds }
  },
  rich: (message) => ({ embeds: [embedOf(message)] }),
}

interface Field {
  readonly name: string
  readonly value: string
  readonly inline: boolean
}

function embedOf(message: Message): Json {
  const { title, body, link, severity, action, event } = message
  const heading = escaped(title, maxTitle)
  const description = escaped(body, maxBody)
  return {
    title: heading,
    ...(isShort(link) && { url: link }),
    ...(description !== '' && { description }),
    color: action === 'resolve' ? resolvedColour : colours[severity],
    ...(!Number.isNaN(Date.parse(event.time)) && { timestamp: new Date(event.time).toISOString() }),
    fields: fieldsOf(message, maxEmbed - heading.length - description.length),
  }
}

/** As many as fit into `room`, from the first on. */
function fieldsOf(message: Message, room: number): readonly Field[] {
  const fields: Field[] = []
  let left = room
  for (const [name, value] of factsOf(message)) {
    // Neither may be empty.
    if (name.trim() === '' || value.trim() === '') continue
    const field = { name: escaped(name, maxName), value: escaped(value, maxValue), inline: true }
    left -= field.name.length + field.value.length
    if (left < 0 || fields.length === maxFields) break
    fields.push(field)
  }
  return fields
}

function isShort(link: string | undefined): link is string {
  return link !== undefined && link.length <= maxLink
}

function escaped(text: string, max: number): string {
  return truncateEscaped(text, escapeMarkdown, max, 'utf16')
}

/** Neither markup nor a mention, a channel or an emoji. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\*_~|<>#\-[\]()`]/g, '\\$&')
}
