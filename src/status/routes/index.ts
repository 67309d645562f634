import type { Operations } from '../operations.js'
import type { Route } from '../route.js'
import type { Views } from '../views.js'
import { declaredRoutes } from './declared.js'
import { explainRoutes } from './explain.js'
import { observedRoutes } from './observed.js'
import { operationRoutes } from './operations.js'
import { serviceRoutes } from './service.js'

export interface RouteContext {
  readonly views: Views
  readonly operations: Operations
  readonly version: string
  readonly now: () => Date
}

/** Every path of the control port. The router, openapi.json and the page at `/` are made of this table. */
export function createRoutes({ views, operations, version, now }: RouteContext): readonly Route[] {
  const routes: Route[] = [
    ...serviceRoutes(views, version, () => routes),
    ...declaredRoutes(views, version),
    ...observedRoutes(views),
    ...explainRoutes(views),
    ...operationRoutes(views, operations, now),
  ]
  return routes
}
