// What a message looks like in Microsoft Teams: an Adaptive Card for Workflows, a MessageCard for the older connectors.
// https://adaptivecards.io/explorer/, https://learn.microsoft.com/outlook/actionable-messages/message-card-reference

import { factsOf, type Message, type Severity } from '../message.js'
import { hexColour } from '../text/severity.js'
import { lengthIn, truncate, truncateEscaped } from '../text/truncate.js'

export const maxTitle = 256
/** Leaves room for the card around it. */
export const maxBody = 12_000
const maxFact = 512
/**
 * Of the card as it is sent. Teams takes about 28 kB; where that ends is counted differently, in bytes or in UTF-16, so
 * this stays below both.
 */
const maxBytes = 20_000
const maxUtf16 = 14_000

type Json = Readonly<Record<string, unknown>>
type Facts = readonly (readonly [name: string, value: string])[]
type Card = (message: Message, facts: Facts, maxText: number) => Json

/** JSON with the facts left out, then the text cut, until it is short enough. */
export function teamsMessage(message: Message, kind: 'workflow' | 'connector'): string {
  const card = cards[kind]
  const whole = JSON.stringify(card(message, message.format === 'rich' ? factsOf(message) : [], maxBody))
  if (isShort(whole)) return whole
  for (let max = maxBody; ; max = Math.floor(max * 0.8)) {
    const json = JSON.stringify(card(message, [], max))
    if (max === 0 || isShort(json)) return json
  }
}

function isShort(json: string): boolean {
  const bytes = lengthIn(json, 'bytes')
  return bytes <= maxBytes && (bytes === json.length || json.length <= maxUtf16)
}

const cards: Readonly<Record<'workflow' | 'connector', Card>> = {
  workflow: (message, facts, maxText) => ({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          // Teams shows no later one.
          version: '1.4',
          msteams: { width: 'Full' },
          ...adaptive[message.format](message, facts, maxText),
        },
      },
    ],
  }),
  connector: (message, facts, maxText) => ({
    '@type': 'MessageCard',
    '@context': 'http://schema.org/extensions',
    summary: truncate(message.title, maxTitle, 'utf16'),
    ...connector[message.format](message, facts, maxText),
  }),
}

const cardColours: Readonly<Record<Severity, string>> = {
  info: 'Accent',
  warning: 'Warning',
  error: 'Attention',
  critical: 'Attention',
}

const adaptive: Readonly<Record<Message['format'], Card>> = {
  native: ({ title, body }, _, maxText) => ({
    body: [textBlock(truncate(body === '' ? title : body, maxText, 'utf16'))],
  }),
  plain: ({ title, body, link }, _, maxText) => ({
    body: [
      textBlock(escaped(title, maxTitle)),
      ...(body === '' ? [] : [textBlock(escaped(body, maxText))]),
      ...(link === undefined ? [] : [textBlock(link)]),
    ],
  }),
  rich: ({ title, body, link, severity, action }, facts, maxText) => ({
    body: [
      {
        ...textBlock(escaped(title, maxTitle)),
        size: 'Large',
        weight: 'Bolder',
        color: action === 'resolve' ? 'Good' : cardColours[severity],
      },
      ...(body === '' ? [] : [textBlock(escaped(body, maxText))]),
      ...(facts.length === 0
        ? []
        : [
            {
              type: 'FactSet',
              facts: facts.map(([name, value]) => ({ title: escaped(name, maxFact), value: escaped(value, maxFact) })),
            },
          ]),
    ],
    ...(link !== undefined && { actions: [{ type: 'Action.OpenUrl', title: 'Open', url: link }] }),
  }),
}

const connector: Readonly<Record<Message['format'], Card>> = {
  native: ({ title, body }, _, maxText) => ({ text: truncate(body === '' ? title : body, maxText, 'utf16') }),
  plain: ({ title, body, link }, _, maxText) => ({
    text: [escaped(title, maxTitle), escaped(body, maxText), link ?? ''].filter((line) => line !== '').join('\n\n'),
  }),
  rich: ({ title, body, link, severity, action }, facts, maxText) => ({
    themeColor: hexColour(severity, action).slice(1).toUpperCase(),
    sections: [
      {
        activityTitle: escaped(title, maxTitle),
        ...(body !== '' && { text: escaped(body, maxText) }),
        facts: facts.map(([name, value]) => ({ name: escaped(name, maxFact), value: escaped(value, maxFact) })),
        markdown: true,
      },
    ],
    ...(link !== undefined && {
      potentialAction: [{ '@type': 'OpenUri', name: 'Open', targets: [{ os: 'default', uri: link }] }],
    }),
  }),
}

function textBlock(text: string): Json {
  return { type: 'TextBlock', text, wrap: true }
}

/** Tags of mentions go: without the person they name they only look broken. */
function escaped(text: string, max: number): string {
  const bare = text.replace(/<\/?at\b[^>]*>/gi, '').replace(/(\r?\n)+/g, '\n')
  return truncateEscaped(bare, escapeMarkdown, max, 'utf16')
}

/** One line break alone is none in Markdown. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\*_[\]()`]/g, '\\$&').replaceAll('\n', '\n\n')
}
