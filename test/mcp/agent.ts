// Agents by the SDK's own client, over each transport, and a server that plays all vendors.

import type { ServerResponse } from 'node:http'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { onTestFinished } from 'vitest'
import { program } from '../e2e/process.js'
import type { Received } from '../e2e/sink.js'

export const transports = ['stdio', 'http'] as const
export type TransportName = (typeof transports)[number]

export interface Called {
  readonly isError: boolean
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into results of every shape
  readonly result: any
}

export interface Agent {
  readonly client: Client
  /** Results are checked against the tool's own schema by the client. */
  call(name: string, args?: Record<string, unknown>): Promise<Called>
}

/** Until the test ends. `control`: base URL of a control port. */
export async function agent(name: TransportName, control: string, token?: string): Promise<Agent> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(transportOf(name, control, token))
  onTestFinished(() => client.close())
  return {
    client,
    call: async (tool, args = {}) => {
      const { content, structuredContent, isError = false } = await client.callTool({ name: tool, arguments: args })
      const [first] = content as { readonly text: string }[]
      return { isError: isError === true, text: first?.text ?? '', result: structuredContent }
    },
  }
}

function transportOf(name: TransportName, control: string, token: string | undefined): Transport {
  if (name === 'http') {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    // The SDK's own types are not made for exact optional properties.
    return new StreamableHTTPClientTransport(new URL('/mcp', control), { requestInit: { headers } }) as Transport
  }
  return new StdioClientTransport({
    command: process.execPath,
    args: [program, 'mcp'],
    env: { CALLBOARD_CONTROL_URL: control, ...(token === undefined ? {} : { CALLBOARD_TOKEN: token }) },
    stderr: 'ignore',
  })
}

/** Says what each vendor says when all went well. */
export function vendorAnswers({ path }: Received, res: ServerResponse): number | undefined {
  const [, status = 200, said = ''] = answers.find(([begins]) => path.startsWith(begins)) ?? []
  res.writeHead(status, { 'content-type': said.startsWith('{') ? 'application/json' : 'text/plain' }).end(said)
  return undefined
}

const answers: readonly (readonly [path: string, status: number, said: string])[] = [
  ['/services/', 200, 'ok'],
  ['/hooks/', 200, 'ok'],
  ['/bot', 200, '{"ok":true,"result":{"message_id":1}}'],
  ['/api/webhooks', 204, ''],
  ['/api/v10/webhooks', 204, ''],
  ['/workflows', 202, ''],
  ['/v2/enqueue', 202, '{"status":"success"}'],
  ['/v2/alerts', 202, '{"result":"Request will be processed","requestId":"r-1"}'],
  ['/v1/spaces', 200, '{"name":"spaces/1/messages/2"}'],
  ['/v1/messages', 200, '{"id":"m-1"}'],
]

/** Arguments with which each type of channel is written to directly, all credentials with `secret` in them. */
export function directArguments(
  url: string,
  mailPort: number,
  secret: string,
): Record<string, Record<string, unknown>> {
  return {
    slack: { webhookUrl: `https://hooks.slack.com/services/T0/B0/${secret}`, baseUrl: url },
    telegram: { botToken: `12345:${secret}`, chatId: '4711', baseUrl: url },
    discord: { webhookUrl: `https://discord.com/api/webhooks/123/${secret}`, baseUrl: url },
    teams: { webhookUrl: `https://prod.logic.azure.com/workflows/1?sig=${secret}`, baseUrl: url },
    mattermost: { webhookUrl: `https://chat.example.com/hooks/${secret}`, baseUrl: url },
    pagerduty: { routing_key: `${secret}0123456789abcdef`.slice(0, 32), baseUrl: url },
    opsgenie: { apiKey: secret, baseUrl: url },
    googlechat: { webhookUrl: `https://chat.googleapis.com/v1/spaces/1/messages?key=k&token=${secret}`, baseUrl: url },
    webex: { botToken: secret, email: 'ann@example.com', baseUrl: url },
    webhook: { url: `${url}/own/${secret}`, secret, headers: { Authorization: `Bearer ${secret}` } },
    email: {
      host: 'localhost',
      port: mailPort,
      tls: 'none',
      from: 'agent@example.com',
      to: 'ann@example.com',
    },
  }
}
