import { audited } from '../audited-operations.js'
import type { Feed } from '../feed.js'
import type { Operations } from '../operations.js'
import type { Route } from '../route.js'
import type { Authorize } from '../tokens.js'
import type { Views } from '../views.js'
import { auditRoutes } from './audit.js'
import { channelDeliveryRoutes } from './channel-deliveries.js'
import { channelOperationRoutes } from './channel-operations.js'
import { declaredRoutes } from './declared.js'
import { deliveryRoutes } from './deliveries.js'
import { digestRoutes } from './digests.js'
import { eventRoutes } from './events.js'
import { explainRoutes } from './explain.js'
import { explainEventRoutes } from './explain-event.js'
import { hookRoutes } from './hooks.js'
import { type AnswerTools, mcpRoutes } from './mcp.js'
import { messageRoutes } from './messages.js'
import { notificationRoutes } from './notifications.js'
import { observedRoutes } from './observed.js'
import { operationRoutes } from './operations.js'
import { proposalRoutes } from './proposals.js'
import { serviceRoutes } from './service.js'
import { streamRoutes } from './stream.js'
import { telegramRoutes } from './telegram.js'
import { webhookRoutes } from './webhooks.js'

export interface RouteContext {
  readonly views: Views
  readonly operations: Operations
  readonly version: string
  readonly now: () => Date
  readonly feed: Feed
  /** How often a stream says that it is still there. */
  readonly heartbeatMs: number
  /** Of a body with events. */
  readonly eventBytes: number
  /** Of a hook. */
  readonly hookBytes: number
  readonly authorize: Authorize
  /** Whether a page of this origin may ask. */
  readonly mayAskFrom: (origin: string) => boolean
  /** Tools for agents; absent where they are switched off. */
  readonly answerTools?: AnswerTools
}

/** Every path of the control port. The router, openapi.json and the page at `/` are made of this table. */
export function createRoutes(context: RouteContext): readonly Route[] {
  const { views, operations, version, now, feed, heartbeatMs, eventBytes, hookBytes } = context
  const routes: Route[] = [
    ...serviceRoutes(views, version, () => routes),
    ...declaredRoutes(views, version),
    ...webhookRoutes(views),
    ...observedRoutes(views),
    ...auditRoutes(views.audit),
    ...deliveryRoutes(views, operations, now),
    ...eventRoutes(operations.events, eventBytes),
    ...channelOperationRoutes(views, operations.channels),
    ...digestRoutes(views.digests, operations.digests),
    ...telegramRoutes(operations.telegram),
    ...streamRoutes(feed, heartbeatMs),
    ...explainRoutes(views),
    ...explainEventRoutes(views.explainEvent),
    ...notificationRoutes(views),
    ...channelDeliveryRoutes(views, operations),
    ...operationRoutes(views, operations, now),
    ...hookRoutes(operations.hooks, hookBytes),
    ...messageRoutes(views, operations.messages),
    ...proposalRoutes(operations.propose),
    ...mcpRoutes(context, () => routes),
  ].map((route) => audited(route, operations.audit))
  return routes
}
