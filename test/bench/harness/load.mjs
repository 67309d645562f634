import { Child, pathOf } from './child.mjs'

const script = pathOf('./load-process.mjs', import.meta.url)

/** A load generator for one server, in its own process. */
export class Load {
  #child
  #expected

  static async start({ url, requests, connections }) {
    const load = new Load()
    load.#child = new Child('load', script)
    await load.#child.message(({ listening }) => listening === true)
    load.#child.send({ prepare: { url, requests: requests.map(plain), connections } })
    load.first = (await load.#child.message((message) => message.prepared !== undefined)).prepared
    return load
  }

  get child() {
    return this.#child
  }

  /** Every answer must have this status, and this many bytes if given; else `run` rejects. */
  expect({ status, bytes }) {
    this.#expected = { status, bytes }
  }

  /** @returns {Promise<{seconds: number}>} */
  async run(count) {
    this.#child.send({ run: { count, ...this.#expected } })
    const { ran } = await this.#child.message((message) => message.ran !== undefined)
    if (ran.error !== undefined) throw new Error(ran.error)
    return ran
  }

  stop() {
    return this.#child.stop()
  }
}

function plain({ method = 'GET', path, headers = {}, body = null }) {
  return { method, path, headers, body }
}
