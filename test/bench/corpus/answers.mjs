// One static and one templated answer, as a mock declares them and as they are written by hand.

const staticPayload = {
  id: 'ord_20260114_000042',
  status: 'shipped',
  amount: 12950,
  currency: 'eur',
  customer: { id: 'cus_8841', tier: 'gold', country: 'DE' },
  lines: 3,
  carrier: 'parcelco',
  tracking: 'PW-7734',
  eta: '2026-01-19',
}

/** 208 bytes */
export const staticAnswer = JSON.stringify(staticPayload)

export const staticMock = {
  apiVersion: 'callboard/v1',
  kind: 'Mock',
  metadata: { name: 'order-static' },
  spec: { http: { route: '/v1/orders/42', httpMethod: 'GET' }, response: { statusCode: 200, payload: staticPayload } },
}
export const staticRequest = { path: '/v1/orders/42', headers: { accept: 'application/json' } }

/** 302 bytes */
const order = JSON.stringify({
  reference: 'web-2026-01-14-0000042',
  currency: 'eur',
  amount: 12950,
  customer: { id: 'cus_8841', name: 'Marta C. Lindqvist', email: 'marta.c.lindqvist@example.test', country: 'DE' },
  items: [
    { sku: 'tea-earl-grey-500', quantity: 2, price: 1475 },
    { sku: 'pot-cast-iron-900', quantity: 1, price: 10000 },
  ],
})

export const templatedMock = {
  apiVersion: 'callboard/v1',
  kind: 'Mock',
  metadata: { name: 'order-templated' },
  spec: {
    http: { route: '/v1/customers/:customer/orders', httpMethod: 'POST' },
    response: {
      statusCode: 200,
      payload: {
        id: 'ord-$.pathParam.customer',
        status: 'accepted',
        reference: '$.req.reference',
        amount: '$.req.amount',
        currency: '$.req.currency',
        customer: { id: '$.req.customer.id', country: '$.req.customer.country' },
        first: '$.req.items[0].sku',
        message: 'Thank you, $.req.customer.name',
      },
    },
  },
}

export const templatedRequest = {
  method: 'POST',
  path: '/v1/customers/8841/orders',
  headers: { accept: 'application/json', 'content-type': 'application/json' },
  body: order,
}

/** What the templated mock answers. */
export function renderOrder({ reference, amount, currency, customer, items }, path) {
  return {
    id: `ord-${path.split('/')[3]}`,
    status: 'accepted',
    reference,
    amount,
    currency,
    customer: { id: customer.id, country: customer.country },
    first: items[0].sku,
    message: `Thank you, ${customer.name}`,
  }
}
