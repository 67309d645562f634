/** The port that a URL or `host:port` names and nobody can listen on, for a message; undefined when there is none. */
export function impossiblePort(text: string): string | undefined {
  const [, port] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*:(\d{1,20})(?=[/?#]|$)/i.exec(text.trim()) ?? []
  return port !== undefined && Number(port) > 65_535 ? `ports go up to 65535, and ${port} is above` : undefined
}
