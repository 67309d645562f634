// Many routes with a small answer each.

export function padded(number) {
  return String(number).padStart(5, '0')
}

export function routePath(number) {
  return `/v1/resources/${padded(number)}`
}

export function routePayload(number) {
  return { id: padded(number), status: 'shipped', amount: 12950, currency: 'eur' }
}
